//! What touches the world: `collect` builds both sides and runs benches, `measure` takes pairs, `explain` looks into red ones, `store` reads and writes
//! what is kept. What a number means is decided in `benchgate-core`.

pub mod collect;
pub mod explain;
pub mod measure;
#[path = "../embedded/preload/lib.rs"]
pub mod preload;
#[path = "../embedded/reference/main.rs"]
pub mod reference;
pub mod store;
