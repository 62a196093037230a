//! The volumes of the world, as either service shows them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::sdk::emulator::Stage;
use crate::world::Timestamp;

use super::PROJECT_ID;
use super::keystone::USER_ID;
use super::record::{STORED, VOLUMES};

/// A volume that the world says something about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Volume {
    /// Its id; records have it as their own.
    #[serde(skip)]
    pub(super) id: String,
    pub(super) missing: bool,
    pub(super) name: Option<String>,
    description: Option<String>,
    pub(super) status: String,
    pub(super) size: u64,
    #[serde(rename = "volume_type")]
    kind: String,
    pub(super) bootable: bool,
    metadata: BTreeMap<String, String>,
    attachments: Vec<Attachment>,
    snapshot_id: Option<String>,
    source_volid: Option<String>,
    pub(super) created_at: Timestamp,
}

/// Where a volume is attached.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Attachment {
    server_id: String,
    device: String,
}

impl Default for Volume {
    fn default() -> Self {
        Self {
            id: String::new(),
            missing: false,
            name: None,
            description: None,
            status: "available".to_owned(),
            size: 10,
            kind: "standard".to_owned(),
            bootable: false,
            metadata: BTreeMap::new(),
            attachments: Vec::new(),
            snapshot_id: None,
            source_volid: None,
            // The start of 2026.
            created_at: Timestamp::from_epoch_seconds(1_767_225_600),
        }
    }
}

/// The volumes that a project has from the beginning: `volume-1` and so on, made an hour apart.
fn from_the_beginning(count: u64) -> impl Iterator<Item = Volume> {
    (1..=count).map(|number| {
        let ordinary = Volume::default();
        Volume {
            id: format!("7620fb1a-0b22-462e-aeec-{number:012x}"),
            name: Some(format!("volume-{number}")),
            bootable: number == 1,
            created_at: ordinary
                .created_at
                .saturating_add(std::time::Duration::from_secs(3600 * number)),
            ..ordinary
        }
    })
}

/// The volumes that lists show, newest first.
pub(super) fn all(stage: &Stage<'_>) -> Vec<Volume> {
    let mut volumes: BTreeMap<_, _> = from_the_beginning(stage.knob("volumes"))
        .map(|volume| (volume.id.clone(), volume))
        .collect();
    for (id, volume) in stage.store.all::<Volume>(VOLUMES) {
        volumes.insert(id.clone(), Volume { id, ..volume });
    }
    let mut volumes: Vec<_> = volumes.into_values().filter(|volume| !volume.missing).collect();
    volumes.sort_by_key(|volume| std::cmp::Reverse((volume.created_at, volume.id.clone())));
    volumes
}

/// GiB of the volumes that lists show, which count against the same quota as snapshots.
pub(super) fn gigabytes(stage: &Stage<'_>) -> u64 {
    all(stage).iter().map(|volume| volume.size).sum()
}

/// A volume by id; any well-formed one exists unless the world says otherwise.
pub(super) fn find(stage: &Stage<'_>, id: &str) -> Option<Volume> {
    let begun = || from_the_beginning(stage.knob("volumes")).find(|volume| volume.id == id);
    let volume: Volume = stage.store.get(VOLUMES, id).or_else(begun).unwrap_or_default();
    (!volume.missing && is_uuid(id)).then(|| Volume { id: id.to_owned(), ..volume })
}

/// Whether a text is a UUID with dashes.
pub(super) fn is_uuid(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_hexdigit).count();
    digits == 32 && text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4
}

impl Volume {
    /// Where cinder has it.
    fn links(&self, host: &str) -> Json {
        let id = &self.id;
        json!([
            { "rel": "self", "href": format!("http://{host}/volume/v3/{PROJECT_ID}/volumes/{id}") },
            { "rel": "bookmark", "href": format!("http://{host}/volume/{PROJECT_ID}/volumes/{id}") },
        ])
    }

    /// As cinder shows it in lists without details.
    pub(super) fn cinder_brief(&self, host: &str) -> Json {
        json!({ "id": self.id, "name": self.name, "links": self.links(host) })
    }

    /// As cinder shows it.
    pub(super) fn cinder_json(&self, host: &str) -> Json {
        let attachments = self.attachments.iter().map(|attachment| {
            json!({
                "id": self.id, "volume_id": self.id, "server_id": attachment.server_id,
                "attachment_id": attachment.server_id, "device": attachment.device,
                "host_name": null, "attached_at": self.created_at.format(STORED),
            })
        });
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "status": self.status,
            "size": self.size,
            "availability_zone": "nova",
            "volume_type": self.kind,
            "bootable": self.bootable.to_string(),
            "encrypted": false,
            "multiattach": false,
            "metadata": self.metadata,
            "attachments": attachments.collect::<Vec<_>>(),
            "snapshot_id": self.snapshot_id,
            "source_volid": self.source_volid,
            "created_at": self.created_at.format(STORED),
            "updated_at": null,
            "os-vol-tenant-attr:tenant_id": PROJECT_ID,
            "user_id": USER_ID,
            "consistencygroup_id": null,
            "replication_status": null,
            "links": self.links(host),
        })
    }

    /// As nova shows it: without what servers start from, and with an attachment that says nothing
    /// where there is none.
    pub(super) fn nova_json(&self) -> Json {
        let attachments: Vec<_> = self
            .attachments
            .iter()
            .map(|attachment| {
                json!({
                    "id": self.id, "volumeId": self.id, "serverId": attachment.server_id,
                    "device": attachment.device,
                })
            })
            .collect();
        let attachments = if attachments.is_empty() { vec![json!({})] } else { attachments };
        json!({
            "id": self.id,
            "displayName": self.name,
            "displayDescription": self.description,
            "status": self.status,
            "size": self.size,
            "availabilityZone": "nova",
            "volumeType": self.kind,
            "metadata": self.metadata,
            "attachments": attachments,
            "snapshotId": self.snapshot_id,
            "createdAt": self.created_at.format(STORED),
        })
    }
}
