//! Reading a PDF lazily and within bounds, and appending a revision to it.
