//! Time of `breakers` against their peers.

mod contests;

fn main() {
    contests::settings::time(contests::breakers::cases);
}
