//! What is measured.

use crate::contender::Contender::{self, *};
use crate::files::FileSet;

/// 10 MiB, in steps of 320 KiB.
const CHUNK: u64 = 32 * 320 * 1024;
/// The largest that a drive takes: 191 steps, just under 60 MiB.
const LARGEST_CHUNK: u64 = 191 * 320 * 1024;

/// One set of files sent one way by several contenders in turns.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    pub key: &'static str,
    pub title: &'static str,
    pub files: FileSet,
    pub chunk: u64,
    pub parallel: usize,
    pub tls: bool,
    /// Added to the time of every answer.
    pub delay_millis: u64,
    /// What the drive's root holds before. Where it holds anything nothing is sent: that is looked through, and no more.
    pub entries: usize,
    pub contenders: &'static [Contender],
    /// Where fewer rounds than usual tell enough.
    pub most_rounds: usize,
    /// Whether its files are smaller than its title says.
    pub is_quick: bool,
}

const PLAIN: Scenario = Scenario {
    key: "plain",
    title: "1 GiB in chunks of 10 MiB",
    files: FileSet::one(1024),
    chunk: CHUNK,
    parallel: 1,
    tls: false,
    delay_millis: 0,
    entries: 0,
    contenders: &[Sockets, SocketsWhole, Example, Module, HttpClient, InvokeRestMethod, Curl],
    most_rounds: usize::MAX,
    is_quick: false,
};

const QUARTER: Scenario = Scenario {
    key: "quarter",
    title: "256 MiB in chunks of 10 MiB",
    files: FileSet::one(256),
    contenders: &[Sockets, Example, Module],
    ..PLAIN
};

const SMALL: Scenario = Scenario {
    key: "small",
    title: "200 files of 1 MiB, one at a time",
    files: FileSet { count: 200, bytes: 1 << 20, sparse: false },
    contenders: &[Sockets, Example, Tree, Module, HttpClient, InvokeRestMethod, Curl],
    ..PLAIN
};

/// As a tree, eight at a time.
const TREE: Scenario = Scenario {
    key: "tree",
    title: "1,000 files of 100 KiB, eight at a time",
    files: FileSet { count: 1000, bytes: 100 * 1024, sparse: false },
    parallel: 8,
    contenders: &[Sockets, Tree, ModuleTree, InvokeRestMethodParallel],
    ..PLAIN
};

const TREE_OF_LARGER: Scenario =
    Scenario { key: "tree-larger", title: "200 files of 1 MiB, eight at a time", files: SMALL.files, ..TREE };

const TREE_DELAYED: Scenario = Scenario { delay_millis: 20, contenders: &[Sockets, Tree], ..TREE };

/// For its memory.
const TREE_OF_FEW: Scenario = Scenario {
    key: "tree-10000",
    title: "10,000 files of a byte",
    files: FileSet { count: 10_000, bytes: 1, sparse: false },
    contenders: &[Tree],
    most_rounds: 1,
    ..TREE
};

/// For what it finds there.
const LISTING: Scenario = Scenario {
    key: "listing",
    title: "what would be sent of one file, beside 100,000 entries",
    files: FileSet { count: 1, bytes: 1, sparse: false },
    entries: 100_000,
    contenders: &[Sockets, Tree],
    ..TREE
};

/// All of them. `latency` is judged by `quarter`, and `huge` by `plain`.
pub const SCENARIOS: &[Scenario] = &[
    PLAIN,
    Scenario { key: "tls", title: "1 GiB over TLS in chunks of 10 MiB", tls: true, ..PLAIN },
    Scenario {
        key: "large-chunks",
        title: "1 GiB in chunks of 60 MiB",
        chunk: LARGEST_CHUNK,
        contenders: &[Sockets, SocketsWhole, Example, Module, HttpClient, InvokeRestMethod],
        ..PLAIN
    },
    QUARTER,
    Scenario {
        key: "latency",
        title: "256 MiB with 20 ms added to every answer",
        delay_millis: 20,
        ..QUARTER
    },
    SMALL,
    Scenario { key: "small-tls", title: "200 files of 1 MiB over TLS, one at a time", tls: true, ..SMALL },
    Scenario {
        key: "small-4",
        title: "200 files of 1 MiB, four at a time",
        parallel: 4,
        contenders: &[Sockets, Example],
        ..SMALL
    },
    TREE,
    Scenario { key: "tree-latency", title: "the same with 20 ms added to every answer", ..TREE_DELAYED },
    TREE_OF_LARGER,
    Scenario {
        key: "tree-larger-latency",
        title: "the same with 20 ms added to every answer",
        files: SMALL.files,
        ..TREE_DELAYED
    },
    TREE_OF_FEW,
    Scenario {
        key: "tree-100000",
        title: "100,000 files of a byte",
        files: FileSet { count: 100_000, ..TREE_OF_FEW.files },
        ..TREE_OF_FEW
    },
    LISTING,
    Scenario {
        key: "huge",
        title: "10 GiB, all hole, in chunks of 10 MiB",
        files: FileSet { sparse: true, ..FileSet::one(10 * 1024) },
        contenders: &[Sockets, Example, Module],
        ..PLAIN
    },
    Scenario {
        key: "import",
        title: "Import-Module",
        files: FileSet { count: 0, bytes: 0, sparse: false },
        contenders: &[ImportEmpty, ImportModule],
        ..PLAIN
    },
];

impl Scenario {
    /// The same, small enough for a quick look.
    pub fn quick(self) -> Scenario {
        Scenario { files: self.files.quick(), entries: self.entries / 20, is_quick: true, ..self }
    }
}
