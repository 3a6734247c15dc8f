//! Outcome -> terminal, HTML, JSON. Pure renderers: imports `model` and `gate`.
