//! Keys in SoftHSM 2, a token in software that has the rules of one in hardware. Each test runs in a process of its own:
//! a PKCS#11 module has one state, and one folder of tokens, for a whole process.

mod bench;
mod keys;
mod token;
