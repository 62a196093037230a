//! State in buckets: `s3`, `gcs` and `azurerm`, with the objects that Terraform's backends of those
//! names have, so that states can be shared and moved.
//!
//! In: settings; bytes of a state and lines of a journal. Out: [`Kind`](super::Kind)s. It knows
//! nothing of what the bytes mean, and of the vendors no more than how to reach their buckets.
//!
//! # What is there
//!
//! | object | what it is |
//! | --- | --- |
//! | the state | Terraform's; where it is, [`layout`] says |
//! | the lock | Terraform's JSON with a counter of ours; it is there while somebody holds the lock |
//! | `….journal/head` | names the generation of segments that is the journal, and the holder of the lock; has the journal's first lines |
//! | `….journal/GENERATION/NUMBER` | the lines of one append |
//!
//! Nothing is ever written over blindly: every write names what it must find in its place, nothing
//! or a version, and a bucket does one such write after another. A version may be no more than a sum
//! of the bytes, as it is with S3, so bytes that must be told apart are apart: heads, segments and
//! notes of a lock carry an identifier or a counter.
//!
//! # Two holders never write
//!
//! Locks are leases. A holder renews theirs every third of its time and counts on five sixths of it,
//! from the moment before the last renewal left. Others take it over only after they have seen it
//! unchanged for the whole time, on their own steady clock. So clocks need not agree. A clock that
//! stood still while its machine slept can still be wrong, so nothing depends on the lease alone:
//!
//! 1. A holder is named in the head from [`takeover`] until a release at which nothing of theirs was
//!    under way any more. Whoever takes the lock and finds another name there makes every write of
//!    the former holder fail, in this order:
//!    * *The head* gets the new name. No journal that the former holder begins later finds it.
//!    * *The state* gets a blank behind its end, which is another version of the same meaning. The
//!      former holder's version is gone, and no state that they write later finds it. Where there is
//!      no state, an empty object takes its place. This comes after the head: a former holder who
//!      reads the new version sees the new head as well before they write.
//!    * *The next number* gets a segment without lines. What the former holder appends later has
//!      that number and is refused.
//! 2. After each append the holder looks whether the head is still theirs. If it is, their segment
//!    was there before the head changed, and whoever changed it reads the segments after that: the
//!    line is not lost. If it is not, the append has failed, whatever became of the segment. This is
//!    needed besides the fence because a generation may be replaced and cleared away, fence and all.
//! 3. Nobody looks up what to replace, or which number is next, without having seen afterwards that
//!    the lock or the head is theirs. Whoever is between taking the lock and having written the head
//!    could be late as well: they read what they will replace, then check that the lock is theirs,
//!    then write. So a successor's writes come after what was looked up, and make it void.
//!
//! So at any moment only the one named in the head can change anything, and each change of the name
//! comes after all that the former one wrote and before all that the next one reads.
//!
//! # Old or new, and no lost line
//!
//! To replace state and journal takes two writes. The state goes first, over the version that was
//! read. Then the head: it names a fresh generation and holds the first lines of the new journal, so
//! that these and the end of the old journal are one write. A death before the first write leaves
//! old and old, between them new and old, and after them new and new, so the journal is never newer
//! than the state. Segments of the old generation are deleted only after that, and their generation
//! stays named in the head until they are gone, for the next holder to do the same. Nobody deletes a
//! generation that a head of their own has not named as dead, so a late one deletes nothing that
//! counts.
//!
//! A request without an answer may have arrived, or may arrive later. What is there afterwards tells
//! one's own write by its bytes. Where even that cannot be asked, the next write first settles it: a
//! fresh head in the place of the one in doubt, so that a late one finds nothing to replace; a
//! segment without lines at the number in doubt, or one behind it that says not to count it. The
//! caller was told that the write failed, and so it did.
//!
//! # Not held
//!
//! A delete cannot be conditional in these buckets. A holder renews the lock before they delete it
//! at a release; if their machine then sleeps for the time of a lease, they delete the lock of
//! whoever took over. Those notice at the next renewal, and both are told apart by the head: the
//! worst is a run that ends for no good reason.

#![cfg_attr(
    not(all(feature = "s3", feature = "gcs", feature = "azurerm")),
    allow(dead_code, reason = "what only one kind needs is there for all")
)]

#[cfg(feature = "azurerm")]
mod azurerm;
mod bucket;
#[cfg(feature = "gcs")]
mod gcs;
mod guard;
mod hold;
mod layout;
mod note;
mod place;
mod records;
#[cfg(feature = "s3")]
mod s3;
mod settings;
mod site;
mod store;
mod takeover;

#[cfg(feature = "azurerm")]
pub use azurerm::Azurerm;
#[cfg(feature = "gcs")]
pub use gcs::Gcs;
#[cfg(feature = "s3")]
pub use s3::S3;

#[cfg(test)]
mod tests;
