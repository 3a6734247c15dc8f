//! Time of `serialization` against their peers.

mod contests;

fn main() {
    contests::settings::time(contests::serialization::cases);
}
