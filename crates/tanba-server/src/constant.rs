//! Bodies whose length says nothing about what is in them.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::problem::Refusal;

/// What a body is filled up to, bytes: three times what an answer of yes or no takes.
const BLOCK: usize = 1024;

/// A JSON body that ends in spaces up to a whole number of blocks, as DNS answers are padded (RFC 8467, section 4.1): JSON lets
/// white space follow (RFC 8259, section 2), and whoever counts bytes on the line learns nothing of yes or no.
pub(crate) struct Filled<T>(pub(crate) StatusCode, pub(crate) T);

impl<T: Serialize> IntoResponse for Filled<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.1) {
            Ok(mut body) => {
                body.resize(body.len().next_multiple_of(BLOCK), b' ');
                (self.0, [(header::CONTENT_TYPE, "application/json")], body).into_response()
            }
            Err(error) => Refusal::internal(&error).into_response(),
        }
    }
}
