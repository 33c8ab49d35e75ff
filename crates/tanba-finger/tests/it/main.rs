//! Behaviour of the fingerprint science seen from outside.

mod baselines;
