//! What the recorded texts do not hold.

use super::format;

/// Where Terraform's own layout would not parse, would mean something else or would change when it
/// is laid out again, ours is another. Each with the layout that is ours.
#[test]
fn a_layout_never_breaks_a_text() {
    for (source, expected) in [
        // Terraform takes off one layer a run.
        ("a = \"${\"${\"${x}\"}\"}\"\n", "a = x\n"),
        // Terraform leaves the line end of the comment, and the value ends there.
        ("a = \"${b # c\n + d}\"\n", "a = (b # c\n+ d)\n"),
        ("x { a = \"${b # c\n}\" }\n", "x { a = (b # c\n) }\n"),
        // Terraform takes these for one pair of parentheses around the whole.
        ("a = \"${(b) ? \n(c) : (d)}\"\n", "a = ((b) ?\n(c) : (d))\n"),
        ("a = \"${(b\n) + (c)}\"\n", "a = (b\n) + (c)\n"),
        ("a = \"${[b, # c\n]}\"\n", "a = [b, # c\n]\n"),
        // The closing word must have its line for itself.
        ("x { a = \"${<<E\nb\nE\n}\" }\n", "x { a = \"${<<E\nb\nE\n}\" }\n"),
        // Terraform loses the label.
        ("b \"a$${b\" \"%%{\" {}\n", "b \"a$${b\" \"%%{\" {}\n"),
        // Terraform loses the key.
        ("a = x[true]\n", "a = x[true]\n"),
    ] {
        let ours = format(source);
        assert_eq!(ours, expected, "{source}");
        assert_eq!(format(&ours), ours, "{source}");
    }
}

#[test]
fn labels_are_written_in_quotes() {
    for (source, expected) in [
        ("b c /*x*/ \"d\" /*y*/ {}\n", "b \"c\" \"d\" /*y*/ {}\n"),
        (
            "b \"\\u00e9\\u0007\\t\\\"\\\\\" \"\u{301}\u{a0}\" {}\n",
            "b \"é\\u0007\\t\\\"\\\\\" \"\u{301}\\u00a0\" {}\n",
        ),
        ("b \"\" {}\n", "b \"\" {}\n"),
    ] {
        assert_eq!(format(source), expected, "{source}");
    }
}
