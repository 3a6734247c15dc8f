//! Time of `pools` against their peers.

mod contests;

fn main() {
    contests::settings::time(contests::pools::cases);
}
