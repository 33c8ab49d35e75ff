//! All scores of a set: an N x N matrix of which the upper triangle is used.

/// Scores of every pair of a set, by index in sorted order.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreMatrix {
    size: usize,
    /// Row-major, N x N; only entries above the diagonal mean something.
    scores: Vec<f32>,
}

/// Why bytes are not the score matrix of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MatrixError {
    /// The wrong number of bytes.
    #[error(
        "a score matrix of {size} impressions has {expected} bytes, this one {actual}: it was made from another set of files"
    )]
    Length {
        /// Impressions of the set.
        size: usize,
        /// Bytes that such a matrix has.
        expected: usize,
        /// Bytes given.
        actual: usize,
    },
    /// A score that is not a number.
    #[error("the score matrix holds a value that is not a finite number in row {row}, column {column}")]
    NotFinite {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
    },
}

impl ScoreMatrix {
    /// All scores zero.
    pub fn zero(size: usize) -> Self {
        Self { size, scores: vec![0.0; size * size] }
    }

    /// Number of impressions.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The score of a pair, in either order; 0 for an impression with itself.
    pub fn get(&self, i: usize, j: usize) -> f32 {
        if i == j { 0.0 } else { self.scores[i.min(j) * self.size + i.max(j)] }
    }

    /// Sets the score of a pair, in either order. A score that is not a number counts as 0; the diagonal is not stored.
    pub fn set(&mut self, i: usize, j: usize, score: f32) {
        if i != j {
            self.scores[i.min(j) * self.size + i.max(j)] = if score.is_finite() { score } else { 0.0 };
        }
    }

    /// Little-endian `f32`, row-major.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.scores.iter().flat_map(|s| s.to_le_bytes()).collect()
    }

    /// Reads what [`Self::to_bytes`] wrote, for a set of `size` impressions. Entries on and below the diagonal are ignored.
    ///
    /// # Errors
    /// [`MatrixError`] when the length is not that of the set or a score is not finite.
    pub fn from_bytes(bytes: &[u8], size: usize) -> Result<Self, MatrixError> {
        let expected = size.saturating_mul(size).saturating_mul(4);
        if bytes.len() != expected {
            return Err(MatrixError::Length { size, expected, actual: bytes.len() });
        }
        let mut matrix = Self::zero(size);
        for (at, value) in bytes.chunks_exact(4).enumerate() {
            let (row, column) = (at / size, at % size);
            let score = f32::from_le_bytes([value[0], value[1], value[2], value[3]]);
            if row < column {
                if !score.is_finite() {
                    return Err(MatrixError::NotFinite { row, column });
                }
                matrix.scores[at] = score;
            }
        }
        Ok(matrix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_survives_its_bytes_and_refuses_others() {
        let mut m = ScoreMatrix::zero(3);
        m.set(2, 0, 0.5);
        m.set(1, 2, f32::NAN);
        assert_eq!((m.get(0, 2), m.get(2, 0), m.get(1, 2), m.get(1, 1)), (0.5, 0.5, 0.0, 0.0));
        let bytes = m.to_bytes();
        assert_eq!(ScoreMatrix::from_bytes(&bytes, 3), Ok(m));
        assert!(matches!(ScoreMatrix::from_bytes(&bytes, 4), Err(MatrixError::Length { .. })));
        let mut bad = bytes;
        bad[4..8].copy_from_slice(&f32::INFINITY.to_le_bytes());
        assert_eq!(ScoreMatrix::from_bytes(&bad, 3), Err(MatrixError::NotFinite { row: 0, column: 1 }));
    }
}
