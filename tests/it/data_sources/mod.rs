//! What vendors hold, looked up: filters, the newest one, and resources made for each.

mod apsara;
mod ctl;
mod openstack;
mod thousandeyes;
mod zenlayer;
