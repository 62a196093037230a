//! The table of all codes. A code never changes its meaning and is never used again.

use std::fmt;

use super::Severity;

/// Stable name of a kind of problem; its title is the diagnostic's summary.
#[derive(Clone, Copy)]
pub struct Code(&'static Entry);

struct Entry {
    name: &'static str,
    title: &'static str,
}

impl Code {
    /// For instance `E0301`.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The code of a name, in capital letters or small ones.
    pub fn find(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|code| code.name().eq_ignore_ascii_case(name))
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        if self.0.name.starts_with('W') { Severity::Warning } else { Severity::Error }
    }

    /// The short phrase shown for every occurrence.
    pub fn title(self) -> &'static str {
        self.0.title
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.name)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.name)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Code {}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.name.cmp(other.0.name)
    }
}

macro_rules! codes {
    ($($constant:ident = $name:literal, $title:literal;)*) => {
        $(
            #[doc = concat!($name, ": ", $title, ".")]
            pub const $constant: Code = Code(&Entry { name: $name, title: $title });
        )*
        /// Every code, in order.
        pub const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
    // E01: text that is not HCL.
    SYNTAX = "E0101", "configuration text cannot be read";
    SYNTAX_LIMIT = "E0102", "configuration text goes beyond a limit";
    ENCODING = "E0103", "file is not UTF-8 text";

    // E02: declarations.
    FILE_UNREADABLE = "E0201", "file cannot be read";
    NO_CONFIGURATION = "E0202", "no configuration here";
    UNKNOWN_BLOCK = "E0203", "unknown block type";
    BLOCK_SHAPE = "E0204", "block has the wrong shape";
    UNKNOWN_ARGUMENT = "E0205", "unknown argument";
    MISSING_ARGUMENT = "E0206", "required argument is missing";
    DUPLICATE = "E0207", "declared twice";
    META_ARGUMENT = "E0208", "meta-argument is not valid";
    TYPE_CONSTRAINT = "E0209", "type constraint is not valid";
    NAME = "E0210", "name is not valid";
    UNKNOWN_RESOURCE_TYPE = "E0211", "unknown resource type";
    UNKNOWN_PROVIDER = "E0212", "unknown provider";
    UNSUPPORTED = "E0213", "not supported by this version";
    CYCLE = "E0214", "declarations depend on each other in a circle";
    VARIABLE_VALUE = "E0215", "value of a variable is not usable";
    VARIABLE_UNDECLARED = "E0216", "value for a variable that is not declared";
    VARIABLE_MISSING = "E0217", "variable has no value";
    VALIDATION_FAILED = "E0218", "value is refused by a validation rule";
    REQUIRED_VERSION = "E0219", "this version of snapform is not accepted";
    VARIABLE_UNUSED = "W0220", "value in a file for a variable that is not declared";
    BLOCK_COUNT = "E0221", "too few or too many blocks";
    CONDITION_FIXED = "E0222", "condition does not look at what it should check";
    MODULE_SOURCE = "E0223", "module cannot be read";
    OVERRIDE = "E0224", "override file cannot say this";
    QUOTED_REFERENCE = "W0225", "reference in quotation marks";
    NO_EFFECT = "W0226", "argument has no effect";

    // E03: expressions and values.
    REFERENCE = "E0301", "reference to something that is not declared";
    ATTRIBUTE_ACCESS = "E0302", "no such attribute or element";
    OPERAND = "E0303", "operand is not usable here";
    CONVERSION = "E0304", "value has the wrong type";
    CONDITIONAL_TYPES = "E0305", "the two results of a conditional do not fit together";
    FOR_EXPRESSION = "E0306", "for expression is not usable";
    TEMPLATE = "E0307", "template is not usable";
    ARITHMETIC = "E0308", "arithmetic has no result";
    UNKNOWN_NOT_ALLOWED = "E0309", "value must be known while planning";
    SENSITIVE_NOT_ALLOWED = "E0310", "sensitive value may not be used here";
    NULL_NOT_ALLOWED = "E0311", "value may not be null here";
    NOT_ALLOWED_HERE = "E0312", "expression may not be used here";
    EPHEMERAL_NOT_ALLOWED = "E0313", "ephemeral value may not be used here";
    VALUE_LIMIT = "E0314", "value is too large to be made";

    // E04: functions.
    UNKNOWN_FUNCTION = "E0401", "unknown function";
    FUNCTION_ARGUMENTS = "E0402", "wrong number of function arguments";
    FUNCTION_FAILED = "E0403", "function has no result for these arguments";

    // E05: arguments against a schema, and vendors' documented rules.
    ARGUMENT_RULE = "E0501", "argument breaks a rule of the vendor";
    ARGUMENT_COMBINATION = "E0502", "arguments do not fit together";
    READ_ONLY = "E0503", "attribute is set by the vendor";
    ARGUMENT_ADVICE = "W0504", "argument is unusual";
    ARGUMENT_SHARED = "E0505", "argument is the same in two instances";
    ARGUMENT_REPEATED = "W0506", "argument had better differ between instances";

    // E06: vendors.
    VENDOR_REFUSED = "E0601", "vendor refused the request";
    VENDOR_CREDENTIALS = "E0602", "vendor refused the credentials";
    VENDOR_UNREACHABLE = "E0603", "vendor cannot be reached";
    VENDOR_ANSWER = "E0604", "vendor's answer cannot be understood";
    VENDOR_QUOTA = "E0605", "vendor's limit is reached";
    OUTCOME_UNKNOWN = "E0606", "outcome of a request is not known";
    OBJECT_FAILED = "E0607", "object did not become ready";
    PROVIDER_SETTINGS = "E0608", "provider configuration is not complete";
    CANNOT_DELETE = "W0609", "vendor offers no way to delete";
    NOT_VERIFIABLE = "W0610", "vendor offers no way to look";
    PROVIDER_DEFECT = "E0611", "provider broke its promise";
    SETTINGS_FOR_APPLY = "W0612", "provider configuration is not complete yet";
    NOT_ONE = "E0613", "not exactly one object fits";
    WOULD_BE_REFUSED = "E0614", "vendor would refuse this";
    MAY_BE_REFUSED = "W0615", "vendor may refuse this";
    QUOTA_AHEAD = "W0616", "plan needs more than is left of a quota";
    NOT_FORESEEN = "W0617", "vendor could not be asked ahead";

    // E07: state.
    STATE_UNREADABLE = "E0701", "state cannot be read";
    STATE_NEWER = "E0702", "state was written by a newer version";
    STATE_WRITE = "E0703", "state cannot be written";
    STATE_LOCKED = "E0704", "state is locked";
    JOURNAL = "E0705", "journal cannot be used";
    RECOVERED = "W0706", "work of an interrupted run was taken up";
    UNCERTAIN_INTENT = "E0707", "an interrupted create is not settled";
    UNCERTAIN_WAITS = "W0708", "an interrupted create waits to be settled";
    NOT_LOCKED = "W0709", "state is changed without its lock";
    STATE_EDIT = "E0710", "record cannot be changed like this";
    STATE_PUSH = "E0711", "state cannot take the place of another one";
    NOTHING_THERE = "W0712", "state holds no such object";
    NO_STATE = "E0713", "there is no state";
    STATE_CHANGED = "E0714", "state is not the one that was saved";
    STATE_DOUBTFUL = "W0715", "state is given as it was found";
    LOCK_LOST = "E0716", "lock of the state was lost";
    ADOPTION = "E0717", "object cannot be taken for what a create made";
    BACKEND = "E0718", "backend cannot be used";
    BACKEND_CHANGED = "E0719", "states are kept elsewhere than the configuration says";
    SEALED = "E0720", "encrypted file cannot be opened";
    STATE_KEY = "E0721", "key cannot be used";
    WATERMARK = "W0722", "it is not remembered how far the state has come";
    LEFT_OUT = "W0723", "object of an interrupted run is not in the state";

    // E08: plans.
    TARGET = "E0801", "address selects nothing";
    STALE_PLAN = "E0802", "saved plan no longer fits";
    PLAN_FILE = "E0803", "plan file cannot be used";
    PREVENT_DESTROY = "E0804", "object is protected from being destroyed";
    INSTANCE_KEYS = "E0805", "instances cannot be counted";
    STEP_CYCLE = "E0806", "steps wait for each other in a circle";
    CONDITION_FAILED = "E0807", "condition is not met";
    REPLACE_ORDER = "E0808", "replacement order is not possible";
    TARGETED = "W0809", "plan is limited to a selection";
    ADDRESS = "E0810", "address is not valid";
    CHECK_FAILED = "W0811", "check is not met";
    MOVE = "E0812", "move is not possible";
    MOVE_BLOCKED = "W0813", "object stays under its old address";
    IMPORT = "E0814", "import is not possible";
    CHECK_OPEN = "W0815", "check is decided by the apply";
    ONLY_SNAPSHOT = "W0816", "only snapshot is deleted before its replacement";
    EXPIRED = "E0817", "object has expired";
    EXPIRED_KEPT = "W0818", "object has expired and is not made anew";
    EXPIRES_SOON = "W0819", "object ends by itself soon";
    IMPORT_ADVICE = "W0820", "imported object needs a second look";

    // E09: apply.
    BLOCKED = "E0901", "step could not start";
    CANCELLED = "E0902", "run was stopped";

    // E10: the command line.
    USAGE = "E1001", "command line is not valid";
    // E1002 stood for a plan that nobody approved, and was never told.
    OUTPUT_MISSING = "E1003", "no such output";
    INPUT_MISSING = "E1004", "input is needed";
    EMULATOR = "E1005", "emulator cannot be used";
    FILE_WRITE = "E1006", "file cannot be written";
    WORKSPACE = "E1007", "workspace cannot be used";
    NOT_APPLICABLE = "E1008", "command has nothing to do here";
    NO_OUTPUTS = "W1009", "state holds no outputs";
    OPTION_WITHOUT_EFFECT = "W1010", "option has no effect";
    WORKSPACE_FORGOTTEN = "W1011", "objects were forgotten with their workspace";
    LOG = "W1012", "log cannot be written as asked";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_well_formed() {
        let mut names: Vec<_> = ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for code in ALL {
            assert_eq!(code.name().len(), 5, "{code}");
            assert!(code.title().chars().next().is_some_and(char::is_lowercase), "{code}");
        }
    }
}
