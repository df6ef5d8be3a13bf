//! The functions of the contract, with the names and types that the generated bindings give them.

pub(crate) mod clock {
    pub mod clock {
        /// Milliseconds since 1970.
        pub fn now_ms() -> u64 {
            crate::testing::with(|host| host.now_ms)
        }

        /// Nanoseconds; stands still in tests.
        pub fn monotonic_ns() -> u64 {
            0
        }
    }
}

pub(crate) mod context {
    pub mod context {
        /// A key of the context, where there is one.
        pub fn get(key: &str) -> Option<String> {
            crate::testing::with(|host| host.context.get(key).cloned())
        }
    }
}

pub(crate) mod random {
    pub mod random {
        /// Bytes; always sevens in tests.
        pub fn bytes(count: u32) -> Vec<u8> {
            vec![7; count.min(65_536) as usize]
        }
    }
}

pub(crate) mod log {
    pub mod log {
        use crate::log::Level;

        /// One line.
        pub fn log(_level: Level, message: &str, fields: &[(String, String)]) {
            let fields: String = fields.iter().map(|(k, v)| format!(" {k}={v}")).collect();
            crate::testing::with(|host| host.seen.log.push(format!("{message}{fields}")));
        }

        /// The place and message of a panic.
        pub fn panic(message: &str, place: &str) {
            crate::testing::with(|host| host.seen.log.push(format!("panic at {place}: {message}")));
        }
    }
}

pub(crate) mod events {
    pub mod events {
        use crate::events::EventError;

        /// A fact for the dossier's journal; `data` is JSON text.
        ///
        /// # Errors
        /// Not granted, or not in its form.
        pub fn emit(name: &str, data: &str) -> Result<(), EventError> {
            crate::testing::with(|host| host.emit(name, data))
        }
    }
}

pub(crate) mod http {
    pub mod http {
        use crate::http::{HttpError, Request, Response};
        use crate::testing::{Capability, with};

        /// Sends one request.
        ///
        /// # Errors
        /// As the test's network answers; without one, no connection.
        pub fn send(request: &Request) -> Result<Response, HttpError> {
            let answerer = with(|host| {
                if host.denied.contains(&Capability::Http) {
                    return Err(HttpError::Denied(request.url.clone()));
                }
                host.seen.requests.push(request.clone());
                Ok(host.answerer.take())
            })?;
            let Some(mut answerer) = answerer else {
                return Err(HttpError::Connect("the test has no network".to_owned()));
            };
            let answer = answerer(request);
            with(|host| host.answerer = Some(answerer));
            answer
        }
    }
}

pub(crate) mod state {
    pub mod state {
        use crate::state::{Entry, Expectation, StateError};
        use crate::testing::{Capability, TestHost, with};

        fn granted<T>(
            act: impl FnOnce(&mut TestHost) -> Result<T, StateError>,
        ) -> Result<T, StateError> {
            with(|host| match host.denied.contains(&Capability::State) {
                true => Err(StateError::Denied),
                false => act(host),
            })
        }

        fn expect(found: u64, expected: &Expectation) -> Result<(), StateError> {
            let met = match expected {
                Expectation::Anything => true,
                Expectation::Absent => found == 0,
                Expectation::Version(version) => found == *version && found != 0,
            };
            if met { Ok(()) } else { Err(StateError::Conflict(found)) }
        }

        /// Value and version.
        ///
        /// # Errors
        /// Not granted.
        pub fn get(key: &str) -> Result<Option<Entry>, StateError> {
            granted(|host| {
                let entry = |(value, version): &(Vec<u8>, u64)| Entry {
                    value: value.clone(),
                    version: *version,
                };
                Ok(host.state.get(key).map(entry))
            })
        }

        /// Sets under what is expected; the new version.
        ///
        /// # Errors
        /// Not granted, or another version.
        pub fn set(key: &str, value: &[u8], expected: Expectation) -> Result<u64, StateError> {
            granted(|host| {
                let found = host.state.get(key).map_or(0, |(_, version)| *version);
                expect(found, &expected)?;
                host.state.insert(key.to_owned(), (value.to_vec(), found + 1));
                Ok(found + 1)
            })
        }

        /// Removes under what is expected.
        ///
        /// # Errors
        /// Not granted, or another version.
        pub fn delete(key: &str, expected: Expectation) -> Result<(), StateError> {
            granted(|host| {
                let found = host.state.get(key).map_or(0, |(_, version)| *version);
                expect(found, &expected)?;
                host.state.remove(key);
                Ok(())
            })
        }

        /// Keys that begin with `prefix`, in order, after `after`.
        ///
        /// # Errors
        /// Not granted.
        pub fn keys(prefix: &str, after: Option<&str>) -> Result<Vec<String>, StateError> {
            granted(|host| {
                let wanted = |key: &&String| {
                    key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after)
                };
                Ok(host.state.keys().filter(wanted).take(1_000).cloned().collect())
            })
        }
    }
}

pub(crate) mod filing {
    pub mod filing {
        use crate::filing::{Filed, FilingError};
        use crate::testing::{Capability, with};

        /// Puts a document under `path` in the directory of that name.
        ///
        /// # Errors
        /// Not granted, or as the test's directories answer.
        pub fn put(document: &str, directory: &str, path: &[String]) -> Result<Filed, FilingError> {
            with(|host| {
                if host.denied.contains(&Capability::Filing) {
                    return Err(FilingError::Denied(directory.to_owned()));
                }
                if !host.documents.contains_key(document) {
                    return Err(FilingError::NotFound);
                }
                host.seen.filed.push(format!("{directory}/{}", path.join("/")));
                host.filing.clone().unwrap_or(Ok(Filed::Written))
            })
        }
    }
}

pub(crate) mod places {
    pub mod places {
        use crate::Region;
        use crate::places::PlaceError;
        use crate::testing::{Capability, with};

        /// Where characters of a page's text stand: in tests each is 6 points wide and 12 high, the
        /// first at 72, 758, and a line takes 14.
        ///
        /// # Errors
        /// Not granted, no such document or page, or beyond its text.
        pub fn of_text(
            document: &str,
            page: u32,
            first: u32,
            count: u32,
        ) -> Result<Vec<Region>, PlaceError> {
            let text: Vec<char> = text(document, page)?.chars().collect();
            let (first, count) = (first as usize, count as usize);
            let last = first.checked_add(count).filter(|last| *last <= text.len());
            let last = last.ok_or(PlaceError::OutOfRange)?;
            let (mut places, mut line, mut column) = (Vec::<Region>::new(), 0_u32, 0_u32);
            let mut open = false;
            for (at, letter) in text.iter().enumerate() {
                if *letter == '\n' {
                    (line, column, open) = (line + 1, 0, false);
                    continue;
                }
                if (first..last).contains(&at) {
                    match places.last_mut().filter(|_| open) {
                        Some(place) => place.width += 6.0,
                        None => places.push(region(document, page, line, column)),
                    }
                    open = true;
                }
                column += 1;
            }
            Ok(places)
        }

        fn region(document: &str, page: u32, line: u32, column: u32) -> Region {
            let (x, y) = (72.0 + 6.0 * f64::from(column), 758.0 - 14.0 * f64::from(line));
            Region { document: document.to_owned(), page, x, y, width: 6.0, height: 12.0 }
        }

        /// All of a page: A4 in tests.
        ///
        /// # Errors
        /// Not granted, no such document or page.
        pub fn of_page(document: &str, page: u32) -> Result<Region, PlaceError> {
            text(document, page)?;
            let (width, height) = (595.0, 842.0);
            Ok(Region { document: document.to_owned(), page, x: 0.0, y: 0.0, width, height })
        }

        fn text(document: &str, page: u32) -> Result<String, PlaceError> {
            with(|host| {
                if host.denied.contains(&Capability::Documents) {
                    return Err(PlaceError::Denied);
                }
                let found = host.documents.get(document).ok_or(PlaceError::NotFound)?;
                let at = (page as usize).checked_sub(1).ok_or(PlaceError::OutOfRange)?;
                found.pages.get(at).cloned().ok_or(PlaceError::OutOfRange)
            })
        }
    }
}

pub(crate) mod document_output {
    pub mod document_output {
        use crate::document_output::OutputError;
        use crate::testing::{Capability, with};

        /// The new document, being written.
        #[derive(Debug)]
        pub struct Writer(());

        /// Begins the new document; one a run.
        ///
        /// # Errors
        /// Not granted, or begun before.
        pub fn begin() -> Result<Writer, OutputError> {
            with(|host| {
                if host.denied.contains(&Capability::DocumentOutput) {
                    return Err(OutputError::Denied);
                }
                if host.writing.is_some() || host.seen.written.is_some() {
                    return Err(OutputError::Closed);
                }
                host.writing = Some(Vec::new());
                Ok(Writer(()))
            })
        }

        impl Writer {
            /// At most 1 MiB a call.
            ///
            /// # Errors
            /// Too much at once, or finished.
            pub fn write(&self, chunk: &[u8]) -> Result<(), OutputError> {
                if chunk.len() > 1 << 20 {
                    return Err(OutputError::TooLarge(1 << 20));
                }
                let add = |bytes: &mut Vec<u8>| bytes.extend_from_slice(chunk);
                with(|host| host.writing.as_mut().map(add).ok_or(OutputError::Closed))
            }

            /// Ends it.
            ///
            /// # Errors
            /// Finished already.
            pub fn finish(&self) -> Result<String, OutputError> {
                with(|host| {
                    let bytes = host.writing.take().ok_or(OutputError::Closed)?;
                    host.seen.written = Some(bytes);
                    Ok("made-1".to_owned())
                })
            }
        }
    }
}

pub(crate) mod documents {
    pub mod documents {
        use crate::documents::{DocumentError, Signature};
        use crate::testing::{Capability, TestDocument, with};

        /// An open document.
        #[derive(Debug)]
        pub struct Document {
            id: String,
            document: TestDocument,
        }

        /// A handle of one's own.
        ///
        /// # Errors
        /// Not granted, or no such document.
        pub fn open(id: &str) -> Result<Document, DocumentError> {
            with(|host| {
                if host.denied.contains(&Capability::Documents) {
                    return Err(DocumentError::Denied);
                }
                let document = host.documents.get(id).cloned().ok_or(DocumentError::NotFound)?;
                Ok(Document { id: id.to_owned(), document })
            })
        }

        impl Document {
            /// Its id.
            pub fn id(&self) -> String {
                self.id.clone()
            }

            /// Name of the file as it came in.
            pub fn name(&self) -> String {
                self.document.name.clone()
            }

            /// Always `application/pdf`.
            pub fn media_type(&self) -> String {
                "application/pdf".to_owned()
            }

            /// Length in bytes.
            pub fn size(&self) -> u64 {
                self.document.bytes.len() as u64
            }

            /// 32 bytes; zeros in tests.
            pub fn sha256(&self) -> Vec<u8> {
                vec![0; 32]
            }

            /// `count` bytes from `offset`.
            ///
            /// # Errors
            /// Beyond the end, or more than 1 MiB.
            pub fn read(&self, offset: u64, count: u32) -> Result<Vec<u8>, DocumentError> {
                if count > 1 << 20 {
                    return Err(DocumentError::TooLarge(1 << 20));
                }
                let from = usize::try_from(offset).map_err(|_| DocumentError::OutOfRange)?;
                let to = from.checked_add(count as usize).ok_or(DocumentError::OutOfRange)?;
                let range = self.document.bytes.get(from..to);
                range.map(<[u8]>::to_vec).ok_or(DocumentError::OutOfRange)
            }

            /// How many pages it has.
            ///
            /// # Errors
            /// None in tests.
            pub fn page_count(&self) -> Result<u32, DocumentError> {
                u32::try_from(self.document.pages.len()).map_err(|_| DocumentError::OutOfRange)
            }

            /// Text of a page, from 1.
            ///
            /// # Errors
            /// No such page.
            pub fn page_text(&self, page: u32) -> Result<String, DocumentError> {
                let at = (page as usize).checked_sub(1).ok_or(DocumentError::OutOfRange)?;
                self.document.pages.get(at).cloned().ok_or(DocumentError::OutOfRange)
            }

            /// An entry of the document information.
            ///
            /// # Errors
            /// None in tests.
            pub fn metadata(&self, key: &str) -> Result<Option<String>, DocumentError> {
                Ok(self.document.metadata.get(key).cloned())
            }

            /// The filled signature fields.
            ///
            /// # Errors
            /// None in tests.
            pub fn signatures(&self) -> Result<Vec<Signature>, DocumentError> {
                Ok(self.document.signatures.clone())
            }
        }
    }
}
