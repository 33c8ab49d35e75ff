//! Keeps what the service decrypts out of swap and core dumps, and what it is done with out of its memory.

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

/// What is given back is overwritten first: an image, a text or a template that was erased does not linger where the next page happens to
/// be. Not the stack, and not what libraries in C have.
#[global_allocator]
static WIPING: ZeroAlloc<System> = ZeroAlloc(System);

/// How well the memory of this process is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// No page is swapped out, and the process leaves no core dump; other processes of the same user cannot read it.
    Locked,
    /// No core dump; but pages may be swapped out, because the system allows too little locked memory.
    Undumpable,
    /// Neither, on this system.
    AsItIs,
}

impl Kept {
    /// What to do next, where there is something.
    pub(crate) fn advice(self) -> Option<&'static str> {
        match self {
            Self::Locked => None,
            Self::Undumpable => Some(
                "memory is not locked, so templates may be written to swap: allow it (LimitMEMLOCK=infinity in the unit file, or ulimit -l unlimited), or run without swap",
            ),
            Self::AsItIs => Some(
                "this system gives no way to keep memory out of core dumps and swap: turn both off for the whole machine",
            ),
        }
    }
}

/// Keeps all memory of this process, now and later.
#[cfg(target_os = "linux")]
pub(crate) fn keep() -> Kept {
    use rustix::mm::{MlockAllFlags, mlockall};
    use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
    if set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
        return Kept::AsItIs;
    }
    let limit = getrlimit(Resource::Memlock);
    // Under a limit, locking all that is to come would make allocations fail later, in the middle of a search.
    let unlimited = limit.maximum.is_none() && setrlimit(Resource::Memlock, Rlimit { current: None, ..limit }).is_ok();
    // Pages are locked when they are first touched: what is only reserved takes no room.
    if unlimited && mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT).is_ok() {
        return Kept::Locked;
    }
    Kept::Undumpable
}

/// Nothing that could be done without `unsafe` here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn keep() -> Kept {
    Kept::AsItIs
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_process_is_not_dumpable_afterwards() {
        let kept = keep();
        assert_ne!(kept, Kept::AsItIs);
        assert_eq!(rustix::process::dumpable_behavior().unwrap(), rustix::process::DumpableBehavior::NotDumpable);
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let locked = status.lines().find(|line| line.starts_with("VmLck:")).unwrap();
        let kib: u64 = locked.split_whitespace().nth(1).unwrap().parse().unwrap();
        assert_eq!(kib > 0, kept == Kept::Locked, "{locked}");
        assert_eq!(kept.advice().is_none(), kept == Kept::Locked);
    }
}
