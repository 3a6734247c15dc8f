//! Heap benches on dhat.
