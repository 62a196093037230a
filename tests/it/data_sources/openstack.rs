//! Data types of `openstack`.
