//! Lines of bytes of bounded length. Only `\n` ends a line.

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// The content between two line ends.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// the bytes, without the line end
    Whole(Vec<u8>),
    /// a line over the limit: its length in bytes; the bytes are dropped
    TooLong(usize),
}

/// Reads lines of at most `max_bytes`.
pub struct Lines<R> {
    source: R,
    max_bytes: usize,
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    pub fn new(source: R, max_bytes: usize) -> Self {
        Self { source, max_bytes }
    }

    /// Return the next line; None at the end of the stream. Bytes after the last line end are a line, too.
    pub async fn next(&mut self) -> std::io::Result<Option<Line>> {
        let mut line = Vec::new();
        let mut length = 0;
        loop {
            let piece = self.source.fill_buf().await?;
            if piece.is_empty() {
                return Ok((length > 0).then(|| self.finish(line, length)));
            }
            let end = piece.iter().position(|&byte| byte == b'\n');
            let content = &piece[..end.unwrap_or(piece.len())];
            length += content.len();
            if length <= self.max_bytes {
                line.extend_from_slice(content);
            } else {
                line = Vec::new(); // frees the memory at once
            }
            let used = content.len() + usize::from(end.is_some());
            self.source.consume(used);
            if end.is_some() {
                return Ok(Some(self.finish(line, length)));
            }
        }
    }

    fn finish(&self, line: Vec<u8>, length: usize) -> Line {
        if length <= self.max_bytes { Line::Whole(line) } else { Line::TooLong(length) }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::BufReader;

    use super::*;

    async fn lines(bytes: &[u8], max_bytes: usize) -> Vec<Line> {
        // A buffer of three bytes: every line comes in pieces.
        let mut lines = Lines::new(BufReader::with_capacity(3, bytes), max_bytes);
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.expect("memory can be read") {
            found.push(line);
        }
        found
    }

    fn whole(bytes: &[u8]) -> Line {
        Line::Whole(bytes.to_vec())
    }

    #[tokio::test]
    async fn a_line_ends_at_a_line_feed_and_nowhere_else() {
        let found = lines(b"one\rstill one\r\n\nthree\xff", 100).await;
        assert_eq!(found, [whole(b"one\rstill one\r"), whole(b""), whole(b"three\xff")]);
    }

    #[tokio::test]
    async fn only_a_line_that_is_too_long_is_dropped() {
        assert_eq!(lines(b"12345\n123456\n12", 5).await, [whole(b"12345"), Line::TooLong(6), whole(b"12")]);
        assert_eq!(lines(b"123456", 5).await, [Line::TooLong(6)]);
    }

    #[tokio::test]
    async fn an_empty_stream_has_no_line() {
        assert_eq!(lines(b"", 5).await, []);
    }
}
