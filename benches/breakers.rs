//! Time of `breakers`.

mod cases;

fn main() {
    cases::settings::time(cases::breakers::cases);
}
