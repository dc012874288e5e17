//! The command line: that of `examples/upload.c`, and `--buffer`.

use std::path::PathBuf;

pub const USAGE: &str = "usage: sockets --graph URL --token T --user U --drive D [--chunk BYTES] [--parallel N] [--buffer BYTES] [--quiet] FILE...
       sockets --graph URL --token T --drive D --list";

/// What to upload, and where to.
pub struct Arguments {
    pub graph: String,
    pub token: String,
    pub user: String,
    pub drive: String,
    pub chunk: u64,
    pub parallel: usize,
    /// What is read and sent at once.
    pub buffer: usize,
    /// Not to upload, but to list the drive's root.
    pub list: bool,
    pub files: Vec<PathBuf>,
}

impl Arguments {
    pub fn parse() -> Result<Arguments, lexopt::Error> {
        use lexopt::prelude::*;
        let mut arguments = Arguments {
            graph: String::new(),
            token: String::new(),
            user: String::new(),
            drive: String::new(),
            chunk: 10 << 20,
            parallel: 1,
            buffer: 256 * 1024,
            list: false,
            files: Vec::new(),
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("graph") => arguments.graph = parser.value()?.string()?,
                Long("token") => arguments.token = parser.value()?.string()?,
                Long("user") => arguments.user = parser.value()?.string()?,
                Long("drive") => arguments.drive = parser.value()?.string()?,
                Long("chunk") => arguments.chunk = parser.value()?.parse()?,
                Long("parallel") => arguments.parallel = parser.value()?.parse()?,
                Long("buffer") => arguments.buffer = parser.value()?.parse()?,
                Long("list") => arguments.list = true,
                Long("quiet") => {}
                Value(file) => arguments.files.push(file.into()),
                other => return Err(other.unexpected()),
            }
        }
        let always = [&arguments.graph, &arguments.token, &arguments.drive];
        let no_upload = arguments.user.is_empty() || arguments.files.is_empty();
        if always.iter().any(|value| value.is_empty())
            || no_upload != arguments.list
            || arguments.chunk == 0
            || arguments.parallel == 0
            || arguments.buffer == 0
        {
            return Err("something is missing".into());
        }
        Ok(arguments)
    }
}
