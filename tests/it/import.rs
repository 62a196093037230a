//! Objects that exist at a vendor and are in no state, taken in by their names there.

use crate::support::Sandbox;

const RESOURCES: [(&str, &str, &str); 4] = [
    (
        "zenlayer_disk_snapshot",
        "  disk_id = \"1700000000000000042\"\n  name    = \"taken-in\"",
        "id",
    ),
    (
        "openstack_compute_snapshot",
        "  volume_id = \"521752a6-acf6-4b2d-bc7a-119f9148cd8c\"\n  name      = \"taken-in\"",
        "id",
    ),
    (
        "apsara_ecs_snapshot",
        "  disk_id = \"d-bp131n0q38u3a4zi****\"\n  name    = \"taken-in\"",
        "id",
    ),
    (
        "ctl_server_snapshot",
        "  server_id       = \"WA1ALIASWB01\"\n  expiration_days = 7",
        "snapshot_id",
    ),
];

#[test]
fn what_a_vendor_has_is_taken_in_and_not_made_again() {
    for (type_name, arguments, id) in RESOURCES {
        let resource = format!("resource \"{type_name}\" \"a\" {{\n{arguments}\n}}\n");
        let sandbox = Sandbox::with(&resource);
        sandbox.apply();
        let state = sandbox.state();
        let attributes = &state["resources"][0]["instances"][0]["attributes"];
        let name = match attributes[id].as_str().unwrap() {
            snapshot if id == "snapshot_id" => format!("WA1ALIASWB01/{snapshot}/7"),
            name => name.to_owned(),
        };
        sandbox.forget_emulated_state();
        let import = format!("import {{\n  to = {type_name}.a\n  id = \"{name}\"\n}}\n");
        sandbox.config(&format!("{resource}{import}"));
        sandbox.run("apply -emulate -auto-approve").succeeded().says("1 imported");
        sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
        assert_eq!(sandbox.created().len(), 1, "{type_name}");
        insta::assert_snapshot!(type_name, sandbox.story().replace(&name, "[name]"));
    }
}
