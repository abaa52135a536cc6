//! What kind of error it is: for HTTP answers, metrics and exit codes.

use super::Error;

impl Error {
    /// A short name of the kind of error, the same in every version.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Malformed { .. } => "malformed",
            Error::Version { .. } => "version",
            Error::TooLarge { .. } => "too-large",
            Error::NotCanonical => "not-canonical",
            Error::Signature { .. } => "bad-signature",
            Error::WrongModel { .. } => "wrong-model",
            Error::WrongProvider { .. } => "wrong-provider",
            Error::Mismatch { .. } => "mismatch",
            Error::UnknownModel { .. } => "unknown-model",
            Error::SrsNotSent { .. } => "srs-not-sent",
            Error::Expired { .. } => "expired",
            Error::ExpiryTooFar { .. } => "expiry-too-far",
            Error::Sealed { .. } => "cannot-open",
            Error::IdTaken { .. } => "id-taken",
            Error::QueueFull { .. } => "queue-full",
            Error::Busy => "busy",
            Error::RateLimited { .. } => "rate-limited",
            Error::UnknownRequester { .. } => "unknown-requester",
            Error::IdentitySignature { .. } => "bad-identity-signature",
            Error::BudgetSpent { .. } => "budget-spent",
            Error::UnknownRequest { .. } => "unknown-request",
            Error::NotAnswered { .. } => "not-answered",
            Error::Abandoned { .. } => "abandoned",
            Error::Purged { .. } => "purged",
            Error::Refused { .. } => "refused",
            Error::BrokenWord => "broken-word",
            Error::MayRefuse { .. } => "may-refuse",
            Error::Input { .. } => "input",
            Error::WrongBinding { .. } => "wrong-binding",
            Error::WrongInput { .. } => "wrong-input",
            Error::WrongOutput { .. } => "wrong-output",
            Error::Replayed { .. } => "replayed",
            Error::Unsuitable { .. } => "unsuitable",
            Error::Permissions { .. } => "permissions",
            Error::Exists { .. } => "exists",
            Error::Io { .. } => "io",
            Error::Randomness { .. } => "randomness",
            Error::Remote { .. } => "remote",
            Error::Unreachable { .. } => "unreachable",
            Error::TimedOut { .. } => "timed-out",
            Error::Database { .. } => "database",
            Error::Service { .. } => "service",
            Error::Zkml(error) if error.is_invalid_proof() => "invalid-proof",
            Error::Zkml(_) => "proof-system",
        }
    }

    /// Whether this is the answer "no" about a proof or a message, as opposed to a failure to answer.
    pub fn is_rejection(&self) -> bool {
        match self {
            Error::Zkml(error) => {
                error.is_invalid_proof()
                    || matches!(
                        error,
                        zkml::Error::WrongModel { .. } | zkml::Error::WrongKey { .. }
                    )
            }
            Error::WrongBinding { .. }
            | Error::WrongInput { .. }
            | Error::WrongOutput { .. }
            | Error::WrongModel { .. }
            | Error::WrongProvider { .. }
            | Error::Replayed { .. }
            | Error::Expired { .. }
            | Error::Sealed { .. }
            | Error::Signature { .. }
            | Error::NotCanonical => true,
            _ => false,
        }
    }
}
