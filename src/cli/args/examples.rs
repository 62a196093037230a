//! Examples for the help of every command. A test reads each of them as a command line.

/// A command without `snapform`, and examples of it: what is typed, and what that does.
type Examples = (&'static str, &'static [(&'static str, &'static str)]);

/// Examples by command; the empty one is `snapform` itself.
pub(in crate::cli) const EXAMPLES: &[Examples] = &[
    (
        "",
        &[
            ("snapform plan", "see what would change"),
            ("snapform apply", "see it, approve it, make it"),
            (
                "snapform -chdir=prod plan -out=prod.plan",
                "plan in another folder, and keep the plan",
            ),
        ],
    ),
    (
        "init",
        &[
            ("snapform init", "check the configuration and the state in this folder"),
            ("snapform init -input=false", "as scripts call it"),
        ],
    ),
    (
        "validate",
        &[
            ("snapform validate", "tell everything that is wrong, with its place"),
            ("snapform validate -json", "the same for an editor or a script"),
        ],
    ),
    (
        "fmt",
        &[
            ("snapform fmt -recursive", "lay out all files of this folder and those below"),
            ("snapform fmt -check -diff", "only show what would change, for CI"),
            ("snapform fmt -", "lay out what comes on standard input"),
        ],
    ),
    (
        "plan",
        &[
            ("snapform plan -out=tonight.plan", "keep the plan, to carry out exactly this one"),
            ("snapform plan -target=module.eu -var keep=7", "plan a part, with a value"),
            ("snapform plan -detailed-exitcode", "let a script know whether anything changes"),
        ],
    ),
    (
        "apply",
        &[
            ("snapform apply", "plan, show, ask, carry out"),
            ("snapform apply tonight.plan", "carry out a saved plan without asking"),
            ("snapform apply -auto-approve -parallelism=4", "for scripts, with four steps at once"),
        ],
    ),
    (
        "destroy",
        &[
            ("snapform destroy", "show what would be deleted, and ask"),
            ("snapform destroy -target=module.test", "delete a part, and what needs it"),
        ],
    ),
    (
        "show",
        &[
            ("snapform show", "every object that the state holds"),
            ("snapform show tonight.plan", "what a saved plan would do"),
        ],
    ),
    (
        "output",
        &[
            ("snapform output", "all outputs, secrets hidden"),
            ("snapform output -raw snapshot_id", "one of them, for a script"),
            ("snapform output -json", "all of them, secrets in the clear"),
        ],
    ),
    (
        "state list",
        &[
            ("snapform state list", "the addresses of all objects"),
            ("snapform state list module.eu", "those of one module"),
        ],
    ),
    (
        "state show",
        &[
            ("snapform state show zenlayer_disk_snapshot.daily", "the attributes of one object"),
            ("snapform state show 'zenlayer_disk_snapshot.daily[\"a\"]'", "quotes, for the shell"),
        ],
    ),
    (
        "graph",
        &[
            ("snapform graph", "what needs what"),
            ("snapform graph -emulate", "the same for the emulators' state"),
        ],
    ),
    (
        "recover",
        &[
            ("snapform recover", "look for what interrupted creates have made"),
            (
                "snapform recover -absent=zenlayer_disk_snapshot.daily",
                "you looked: nothing was made for this address",
            ),
        ],
    ),
    (
        "emulator serve",
        &[
            ("snapform emulator serve", "on ports that the system chooses"),
            ("snapform emulator serve -listen=127.0.0.1:8000", "on ports from 8000 on"),
        ],
    ),
    (
        "emulator ledger",
        &[
            ("snapform emulator ledger", "what the vendors really did"),
            ("snapform emulator ledger -json", "the same for a script"),
        ],
    ),
    (
        "emulator knobs",
        &[
            ("snapform emulator knobs", "every knob, with its value"),
            ("snapform emulator knobs thousandeyes.create_quota=100", "turn one"),
        ],
    ),
    (
        "emulator wait",
        &[
            ("snapform emulator wait 7d", "what has expired by then shows in the plan"),
            ("snapform emulator wait 90m -data=/tmp/vendors", "in a world that is kept elsewhere"),
        ],
    ),
    (
        "console",
        &[
            ("snapform console", "one expression a line; `exit` ends it"),
            ("snapform console -var keep=7", "with a value for a variable"),
        ],
    ),
    (
        "explain",
        &[
            ("snapform explain E0301", "what went wrong, and how to put it right"),
            ("snapform explain", "every code there is"),
        ],
    ),
    (
        "functions",
        &[
            ("snapform functions", "all functions, by family"),
            ("snapform functions formatdate", "one of them, with an example"),
        ],
    ),
    (
        "metadata functions",
        &[
            ("snapform metadata functions -json", "for an editor"),
            ("snapform metadata functions -json > functions.json", "kept in a file"),
        ],
    ),
    (
        "version",
        &[
            ("snapform version", "of this program, and for which platform"),
            ("snapform -version", "the same"),
        ],
    ),
    (
        "completions",
        &[
            (
                "snapform completions bash > ~/.local/share/bash-completion/completions/snapform",
                "for bash",
            ),
            ("snapform completions zsh > ~/.zfunc/_snapform", "for zsh"),
            ("snapform completions fish > ~/.config/fish/completions/snapform.fish", "for fish"),
        ],
    ),
    (
        "man",
        &[
            ("snapform man ~/.local/share/man/man1", "write a page for each command"),
            ("snapform man | man -l -", "read the page of snapform itself"),
        ],
    ),
    (
        "import",
        &[
            ("snapform import zenlayer_disk_snapshot.daily 1234567890", "take in what is there"),
            (
                "snapform import 'zenlayer_disk_snapshot.all[\"a\"]' 1234567890",
                "as one instance of several",
            ),
        ],
    ),
    (
        "refresh",
        &[
            ("snapform refresh", "record what the vendors say"),
            ("snapform refresh -target=module.eu", "for a part only"),
        ],
    ),
    (
        "taint",
        &[
            ("snapform taint zenlayer_disk_snapshot.daily", "replace it with the next apply"),
            ("snapform taint 'zenlayer_disk_snapshot.all[0]'", "one instance of several"),
        ],
    ),
    (
        "untaint",
        &[
            ("snapform untaint zenlayer_disk_snapshot.daily", "keep it after all"),
            ("snapform untaint 'zenlayer_disk_snapshot.all[0]'", "one instance of several"),
        ],
    ),
    (
        "state mv",
        &[
            ("snapform state mv a_snapshot.old a_snapshot.new", "another name for one object"),
            ("snapform state mv a_snapshot.a module.eu.a_snapshot.a", "into a module"),
        ],
    ),
    (
        "state rm",
        &[
            ("snapform state rm a_snapshot.old", "no longer record it; the object stays"),
            ("snapform state rm -dry-run module.eu", "only say what a module would lose"),
        ],
    ),
    (
        "state pull",
        &[
            ("snapform state pull", "the state as it is stored"),
            ("snapform state pull > copy.json", "a copy in a file"),
        ],
    ),
    (
        "state push",
        &[
            ("snapform state push copy.json", "in place of the state that is there"),
            ("snapform state push -", "the same from standard input"),
        ],
    ),
    (
        "state replace-provider",
        &[
            ("snapform state replace-provider old new", "from one provider to another"),
            ("snapform state replace-provider -auto-approve old new", "without asking"),
        ],
    ),
    (
        "force-unlock",
        &[
            ("snapform force-unlock 1", "who holds the lock, and how it ends"),
            ("snapform force-unlock -force 1", "as scripts call it"),
        ],
    ),
    (
        "workspace list",
        &[
            ("snapform workspace list", "all of them, with a star at the selected one"),
            ("snapform -chdir=prod workspace list", "those of another folder"),
        ],
    ),
    (
        "workspace show",
        &[
            ("snapform workspace show", "the selected one"),
            ("snapform -chdir=prod workspace show", "that of another folder"),
        ],
    ),
    (
        "workspace new",
        &[
            ("snapform workspace new staging", "with an empty state"),
            ("snapform workspace new -state=copy.json staging", "with a state from a file"),
        ],
    ),
    (
        "workspace select",
        &[
            ("snapform workspace select staging", "for the commands that follow"),
            ("snapform workspace select -or-create staging", "also where there is none yet"),
        ],
    ),
    (
        "workspace delete",
        &[
            ("snapform workspace delete staging", "where its state holds no objects"),
            ("snapform workspace delete -force staging", "in any case; the objects stay"),
        ],
    ),
    (
        "providers",
        &[
            ("snapform providers", "as a tree of modules"),
            ("snapform -chdir=prod providers", "those of another folder"),
        ],
    ),
    (
        "providers schema",
        &[
            ("snapform providers schema -json", "for an editor"),
            ("snapform providers schema -json > schema.json", "kept in a file"),
        ],
    ),
    (
        "get",
        &[
            ("snapform get", "check that every module is there"),
            ("snapform get -update", "as scripts call it"),
        ],
    ),
    (
        "modules",
        &[("snapform modules", "as a tree"), ("snapform modules -json", "the same for a script")],
    ),
];
