//! Ten-print cards.
