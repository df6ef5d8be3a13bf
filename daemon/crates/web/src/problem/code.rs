//! The stable codes. `docs/guide/http-api.md` explains each of them.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};

/// What went wrong. The word of a code never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// No token.
    TokenMissing,
    /// The token is unknown, expired or revoked, or its account is disabled.
    TokenInvalid,
    /// The token has not the scope `submit`.
    ScopeSubmit,
    /// The token has not the scope `read`.
    ScopeRead,
    /// A browser sent it from another site.
    CrossSite,
    /// The dossier was made and stopped at once: a right is missing, or the document is at fault.
    Rejected,
    /// There is nothing here for this caller.
    NotFound,
    /// This path has no such method.
    MethodNotAllowed,
    /// The dossier has no result yet, or never will.
    NotDelivered,
    /// The `Idempotency-Key` is not 1 to 255 visible ASCII characters.
    IdempotencyKeyMalformed,
    /// The key was used for another request.
    IdempotencyKeyReused,
    /// The request cannot be read.
    RequestMalformed,
    /// The caller was too slow.
    RequestTooSlow,
    /// The document, or something beside it, is longer than allowed.
    TooLarge,
    /// Neither a PDF nor a form.
    MediaTypeUnsupported,
    /// The document is no PDF.
    NotAPdf,
    /// A parameter is missing or is none that can be used.
    ParameterInvalid,
    /// No workflow of that name is configured.
    WorkflowUnknown,
    /// There is no société of that code.
    SocieteUnknown,
    /// Too much is under way.
    Busy,
    /// The disk is nearly full.
    DiskFull,
    /// The daemon stops.
    Stopping,
    /// Sceau itself is at fault.
    Internal,
}

impl Code {
    /// All codes.
    pub const ALL: [Self; 23] = [
        Self::TokenMissing,
        Self::TokenInvalid,
        Self::ScopeSubmit,
        Self::ScopeRead,
        Self::CrossSite,
        Self::Rejected,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotDelivered,
        Self::IdempotencyKeyMalformed,
        Self::IdempotencyKeyReused,
        Self::RequestMalformed,
        Self::RequestTooSlow,
        Self::TooLarge,
        Self::MediaTypeUnsupported,
        Self::NotAPdf,
        Self::ParameterInvalid,
        Self::WorkflowUnknown,
        Self::SocieteUnknown,
        Self::Busy,
        Self::DiskFull,
        Self::Stopping,
        Self::Internal,
    ];

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::IdempotencyKeyMalformed | Self::RequestMalformed => StatusCode::BAD_REQUEST,
            Self::TokenMissing | Self::TokenInvalid => StatusCode::UNAUTHORIZED,
            Self::ScopeSubmit | Self::ScopeRead | Self::CrossSite | Self::Rejected => {
                StatusCode::FORBIDDEN
            }
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::NotDelivered => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaTypeUnsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotAPdf
            | Self::ParameterInvalid
            | Self::WorkflowUnknown
            | Self::SocieteUnknown
            | Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Busy | Self::DiskFull | Self::Stopping => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The word by which programs know it.
    pub fn word(self) -> &'static str {
        match self {
            Self::TokenMissing => "token-missing",
            Self::TokenInvalid => "token-invalid",
            Self::ScopeSubmit => "scope-submit-missing",
            Self::ScopeRead => "scope-read-missing",
            Self::CrossSite => "cross-site",
            Self::Rejected => "dossier-rejected",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::NotDelivered => "not-delivered",
            Self::IdempotencyKeyMalformed => "idempotency-key-malformed",
            Self::IdempotencyKeyReused => "idempotency-key-reused",
            Self::RequestMalformed => "request-malformed",
            Self::RequestTooSlow => "request-too-slow",
            Self::TooLarge => "too-large",
            Self::MediaTypeUnsupported => "media-type-unsupported",
            Self::NotAPdf => "not-a-pdf",
            Self::ParameterInvalid => "parameter-invalid",
            Self::WorkflowUnknown => "workflow-unknown",
            Self::SocieteUnknown => "societe-unknown",
            Self::Busy => "busy",
            Self::DiskFull => "disk-full",
            Self::Stopping => "stopping",
            Self::Internal => "internal",
        }
    }

    /// The title in French and in English.
    pub fn title(self) -> (&'static str, &'static str) {
        match self {
            Self::TokenMissing => ("Un jeton d'accès est nécessaire.", "A token is needed."),
            Self::TokenInvalid => (
                "Le jeton d'accès est inconnu, expiré ou révoqué.",
                "The token is unknown, expired or revoked.",
            ),
            Self::ScopeSubmit => (
                "Ce jeton ne permet pas de déposer des documents.",
                "This token does not allow documents to be handed in.",
            ),
            Self::ScopeRead => (
                "Ce jeton ne permet pas de lire des dossiers.",
                "This token does not allow dossiers to be read.",
            ),
            Self::CrossSite => (
                "Une page d'un autre site a envoyé cette requête ; elle est refusée.",
                "A page of another site sent this request; it is refused.",
            ),
            Self::Rejected => ("Le dossier est rejeté.", "The dossier is rejected."),
            Self::NotFound => ("Il n'y a rien à cette adresse.", "There is nothing here."),
            Self::MethodNotAllowed => (
                "Cette adresse n'accepte pas cette méthode.",
                "This address does not take that method.",
            ),
            Self::NotDelivered => (
                "Le dossier n'est pas livré : il n'a pas de résultat.",
                "The dossier is not delivered: it has no result.",
            ),
            Self::IdempotencyKeyMalformed => (
                "Idempotency-Key compte de 1 à 255 caractères ASCII visibles.",
                "Idempotency-Key is 1 to 255 visible ASCII characters.",
            ),
            Self::IdempotencyKeyReused => (
                "Cette Idempotency-Key a servi à une autre requête.",
                "This Idempotency-Key was used for another request.",
            ),
            Self::RequestMalformed => ("La requête est illisible.", "The request is malformed."),
            Self::RequestTooSlow => {
                ("La requête n'est pas arrivée à temps.", "The request did not arrive in time.")
            }
            Self::TooLarge => (
                "Le document est plus grand que ce qui est permis.",
                "The document is larger than allowed.",
            ),
            Self::MediaTypeUnsupported => (
                "Envoyez application/pdf ou multipart/form-data, sans codage.",
                "Send application/pdf or multipart/form-data, without coding.",
            ),
            Self::NotAPdf => ("Le document n'est pas un PDF.", "The document is no PDF."),
            Self::ParameterInvalid => (
                "Un paramètre manque ou n'est pas utilisable.",
                "A parameter is missing or cannot be used.",
            ),
            Self::WorkflowUnknown => {
                ("Il n'y a pas de circuit de ce nom.", "There is no workflow of that name.")
            }
            Self::SocieteUnknown => {
                ("Il n'y a pas de société de ce code.", "There is no société of that code.")
            }
            Self::Busy => (
                "Trop de documents arrivent en même temps : réessayez.",
                "Too many documents arrive at once: try again.",
            ),
            Self::DiskFull => (
                "Le disque du serveur est presque plein : réessayez plus tard.",
                "The server's disk is nearly full: try again later.",
            ),
            Self::Stopping => ("Le service s'arrête : réessayez.", "The service stops: try again."),
            Self::Internal => (
                "Le serveur a rencontré une erreur ; son journal la décrit.",
                "The server met an error; its log tells it.",
            ),
        }
    }

    /// A header that goes with it.
    pub(super) fn header(self) -> Option<(HeaderName, HeaderValue)> {
        let value = match self {
            Self::TokenMissing => "Bearer realm=\"sceau\"",
            Self::TokenInvalid => "Bearer realm=\"sceau\", error=\"invalid_token\"",
            Self::ScopeSubmit => {
                "Bearer realm=\"sceau\", error=\"insufficient_scope\", scope=\"submit\""
            }
            Self::ScopeRead => {
                "Bearer realm=\"sceau\", error=\"insufficient_scope\", scope=\"read\""
            }
            Self::Busy | Self::Stopping => {
                return Some((header::RETRY_AFTER, HeaderValue::from(5)));
            }
            Self::DiskFull => return Some((header::RETRY_AFTER, HeaderValue::from(300))),
            _ => return None,
        };
        Some((header::WWW_AUTHENTICATE, HeaderValue::from_static(value)))
    }
}
