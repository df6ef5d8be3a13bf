//! `GET /api/v1/dossiers/{id}/document` and `/evidence`: what was delivered, streamed.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, stream};
use sceau_workflow::machine::{DocumentRef, Phase};

use crate::dossiers::owned;
use crate::ports::{App, Document};
use crate::problem::{Code, Problem};
use crate::view;

/// Read in one go, in bytes.
const PIECE: usize = 128 << 10;

/// The sealed PDF.
pub(crate) async fn document(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let dossier = owned(&app, &headers, &id).await?;
    if dossier.phase != Phase::Delivered {
        return Err(Problem::new(Code::NotDelivered));
    }
    let name = &dossier.received.origin.name;
    send(&app, dossier.document.clone(), "application/pdf", name).await
}

/// Its evidence file.
pub(crate) async fn evidence(
    State(app): State<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let dossier = owned(&app, &headers, &id).await?;
    let evidence = view::evidence(&dossier).ok_or_else(|| Problem::new(Code::NotDelivered))?;
    let name = format!("{}.preuve.json", dossier.received.origin.name);
    send(&app, evidence, "application/json", &name).await
}

async fn send(
    app: &App,
    document: DocumentRef,
    media_type: &'static str,
    name: &str,
) -> Result<Response, Problem> {
    let documents = Arc::clone(&app.documents);
    let len = document.len;
    let opened = tokio::task::spawn_blocking(move || documents.open(&document)).await;
    let opened = opened.unwrap_or_else(|error| Err(io::Error::other(error)));
    let opened = opened.map_err(|error| {
        tracing::error!(%error, "a delivered document cannot be read");
        Problem::new(Code::Internal)
    })?;
    let mut response = Response::new(Body::from_stream(pieces(opened, len)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(len));
    if let Ok(value) = HeaderValue::try_from(disposition(name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// The document piece by piece, each read only when the caller has room for it.
fn pieces(document: Arc<dyn Document>, len: u64) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(0_u64, move |at| {
        let document = Arc::clone(&document);
        async move {
            if at >= len {
                return Ok(None);
            }
            let piece =
                tokio::task::spawn_blocking(move || piece(document.as_ref(), at, len)).await;
            let piece = piece.map_err(io::Error::other)??;
            let next = at + piece.len() as u64;
            Ok(Some((piece, next)))
        }
    })
}

fn piece(document: &dyn Document, at: u64, len: u64) -> io::Result<Bytes> {
    let most = usize::try_from(len - at).map_or(PIECE, |left| left.min(PIECE));
    let mut bytes = vec![0; most];
    let read = document.read_at(at, &mut bytes)?;
    if read == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    bytes.truncate(read);
    Ok(bytes.into())
}

/// `Content-Disposition` with the name in UTF-8 (RFC 8187) and an ASCII one for old readers.
fn disposition(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() && !"\"\\%".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let attr = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let byte = |byte: u8| match attr(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    let encoded: String = name.bytes().map(byte).collect();
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_say_nothing_else_than_a_name() {
        let value = disposition("Éte \"1\"\r\nX: y.pdf");
        assert!(value.starts_with("attachment; filename=\"_te__1___X:_y.pdf\"; "), "{value}");
        assert!(
            value.ends_with("filename*=UTF-8''%C3%89te%20%221%22%0D%0AX%3A%20y.pdf"),
            "{value}"
        );
    }
}
