//! A form (`multipart/form-data`, RFC 7578): the part `document`, and what is wanted of it as parts
//! of their own or as one JSON part `metadata`, in any order.

use std::time::Duration;

use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::request::Parts;
use bytes::BytesMut;
use futures_util::StreamExt;
use sceau_workflow::machine::DocumentRef;

use super::wanted::Draft;
use super::{FORM_BYTES, intake};
use crate::body::{Dry, Tap, announced};
use crate::ports::App;
use crate::problem::{Code, Problem};

/// Most parts of a form.
const MOST_PARTS: usize = 64;
/// The longest `metadata`, in bytes (as a sidecar file).
const LONGEST_METADATA: usize = 256 << 10;
/// The longest other part, in bytes.
const LONGEST_TEXT: usize = 4096;
/// How long the next part may be awaited.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads the form to its end. Outside the document no more than [`FORM_BYTES`] are read, so that
/// nothing piles up in memory.
pub(super) async fn read(
    app: &App,
    parts: &Parts,
    tap: &Tap,
    mut draft: Draft,
) -> Result<(Draft, DocumentRef), Problem> {
    tap.allow(FORM_BYTES);
    let mut request = Request::new(Body::from_stream(tap.clone()));
    request.headers_mut().clone_from(&parts.headers);
    // The router's own bound on bodies (none) stands there; the reader's default is 2 MB.
    request.extensions_mut().clone_from(&parts.extensions);
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|_| Problem::new(Code::RequestMalformed))?;
    let mut document = None;
    for _ in 0..MOST_PARTS {
        let next = tokio::time::timeout(PATIENCE, form.next_field()).await;
        let next = next.map_err(|_| Problem::new(Code::RequestTooSlow))?;
        let Some(field) = next.map_err(|error| unreadable(app, &error))? else {
            let document = document.ok_or_else(no_document)?;
            return Ok((draft, document));
        };
        match field.name().unwrap_or_default().to_owned().as_str() {
            "document" if document.is_some() => return Err(no_document()),
            "document" => {
                tap.allow(app.max_upload.saturating_add(FORM_BYTES));
                document = Some(keep(app, parts, field, &mut draft).await?);
                tap.allow(FORM_BYTES);
            }
            "metadata" => draft.metadata(&text(app, field, LONGEST_METADATA).await?)?,
            name => {
                let bytes = text(app, field, LONGEST_TEXT).await?;
                let value = String::from_utf8(bytes.to_vec());
                draft.say(name, value.map_err(|_| Problem::new(Code::RequestMalformed))?)?;
            }
        }
    }
    Err(Problem::new(Code::TooLarge))
}

/// The document part. The announced length of the whole form tells how much room it needs at most.
async fn keep(
    app: &App,
    parts: &Parts,
    field: Field<'_>,
    draft: &mut Draft,
) -> Result<DocumentRef, Problem> {
    if let Some(name) = field.file_name() {
        // Some browsers send the whole path.
        draft.suggest_name(name.rsplit(['/', '\\']).next().unwrap_or_default());
    }
    let most = app.max_upload;
    let mut so_far = 0_u64;
    let pieces = field.map(move |piece| {
        let piece =
            piece.map_err(|error| if is_long(&error) { Dry::TooMuch } else { Dry::Broken })?;
        so_far += piece.len() as u64;
        if so_far > most { Err(Dry::TooMuch) } else { Ok(piece) }
    });
    intake::keep(app, pieces, announced(&parts.headers).unwrap_or(0)).await
}

async fn text(app: &App, mut field: Field<'_>, most: usize) -> Result<BytesMut, Problem> {
    let mut bytes = BytesMut::new();
    loop {
        let piece = tokio::time::timeout(PATIENCE, field.chunk()).await;
        let piece = piece.map_err(|_| Problem::new(Code::RequestTooSlow))?;
        match piece.map_err(|error| unreadable(app, &error))? {
            Some(piece) if bytes.len() + piece.len() <= most => bytes.extend_from_slice(&piece),
            Some(_) => return Err(Problem::new(Code::TooLarge)),
            None => return Ok(bytes),
        }
    }
}

fn no_document() -> Problem {
    Problem::new(Code::ParameterInvalid).because(
        "Le formulaire doit avoir une seule partie « document ».",
        "The form must have one part “document”.",
    )
}

fn unreadable(app: &App, error: &MultipartError) -> Problem {
    if is_long(error) {
        return intake::too_large(app.max_upload);
    }
    Problem::new(Code::RequestMalformed)
}

/// Whether the tap ran dry because more came than allowed.
fn is_long(error: &MultipartError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if matches!(error.downcast_ref::<Dry>(), Some(Dry::TooMuch)) {
            return true;
        }
        cause = error.source();
    }
    false
}
