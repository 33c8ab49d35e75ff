//! Only tests: see `tests/agreement.rs`.
