//! Time of `serialization`.

mod cases;

fn main() {
    cases::settings::time(cases::serialization::cases);
}
