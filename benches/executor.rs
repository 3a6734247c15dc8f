//! Time of `executor`.

mod cases;

fn main() {
    cases::cold::answer(cases::cold::Meter::Clock, cases::executor::cases);
    cases::settings::time(cases::executor::cases);
}
