//! Time of `metrics` against their peers.

mod contests;

fn main() {
    contests::settings::time(contests::metrics::cases);
}
