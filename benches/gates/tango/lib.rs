//! Nothing: tango is asked for under `benches/`.
