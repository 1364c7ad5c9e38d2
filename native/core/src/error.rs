//! The one error of the crate: a code of the product's closed list (`server/contract/problem.ts`) and a sentence for a person.

use std::fmt;

/// Codes are stable; the names equal those of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// A parameter is out of its range (k, ef, threads, keys, offsets).
    BadRequest,
    /// A value inside a list is not a number that can be used.
    InvalidValue,
    VectorNotFinite,
    VectorWrongLength,
    VectorZero,
    ArtifactMissing,
    /// The bytes of a file contradict themselves.
    ArtifactCorrupt,
    /// A file is whole but not the one that was promised (dimensions, count, kind, length).
    ArtifactMismatch,
    /// The index was retired.
    ModelNotLoaded,
    StorageFull,
    /// The caller cancelled what takes long.
    Cancelled,
    DeadlineExceeded,
    EngineFailed,
}

impl Code {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::InvalidValue => "invalid_value",
            Self::VectorNotFinite => "vector_not_finite",
            Self::VectorWrongLength => "vector_wrong_length",
            Self::VectorZero => "vector_zero",
            Self::ArtifactMissing => "artifact_missing",
            Self::ArtifactCorrupt => "artifact_corrupt",
            Self::ArtifactMismatch => "artifact_mismatch",
            Self::ModelNotLoaded => "model_not_loaded",
            Self::StorageFull => "storage_full",
            Self::Cancelled => "cancelled",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::EngineFailed => "engine_failed",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub code: Code,
    pub message: String,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// An I/O error on an artifact, named by its file name only: folders are nobody's business.
    pub fn io(file: &std::path::Path, error: &std::io::Error) -> Self {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let code = match error.kind() {
            std::io::ErrorKind::NotFound => Code::ArtifactMissing,
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Code::StorageFull,
            _ => Code::EngineFailed,
        };
        Self::new(code, format!("{name}: {error}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for Error {}
