//! Time of `pools`.

mod cases;

fn main() {
    cases::settings::time(cases::pools::cases);
}
