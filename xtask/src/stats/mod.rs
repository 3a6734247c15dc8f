//! Estimators and e-processes. Pure: imports `model`.
