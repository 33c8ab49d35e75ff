//! Why an image was not read.

/// The image formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// Portable Network Graphics (ISO/IEC 15948).
    Png,
    /// Windows bitmap.
    Bmp,
    /// Netpbm: PBM, PGM or PPM, text or binary.
    Pnm,
    /// Tagged Image File Format 6.0, or BigTIFF.
    Tiff,
    /// Wavelet scalar quantisation (IAFIS-IC-0110).
    Wsq,
    /// JPEG with loss (ITU-T T.81).
    Jpeg,
    /// JPEG without loss (ITU-T T.81 annex H).
    JpegLossless,
    /// JPEG 2000 (ITU-T T.800).
    Jpeg2000,
    /// Pixels without any coding, inside records only.
    Raw,
}

impl std::fmt::Display for ImageFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Bmp => "BMP",
            Self::Pnm => "PNM",
            Self::Tiff => "TIFF",
            Self::Wsq => "WSQ",
            Self::Jpeg => "JPEG",
            Self::JpegLossless => "lossless JPEG",
            Self::Jpeg2000 => "JPEG 2000",
            Self::Raw => "uncompressed",
        })
    }
}

/// Who said what the resolution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PpiSource {
    /// The file itself.
    File,
    /// The caller, over the file.
    Caller,
}

impl std::fmt::Display for PpiSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File => "stated in the file",
            Self::Caller => "given with the image",
        })
    }
}

/// Why an image was refused. No variant carries anything of the picture itself.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ImageError {
    /// There are no bytes.
    #[error("the file is empty: scan or copy it again")]
    Empty,
    /// The first bytes are of no image format.
    #[error("this is not an image file: give a PNG, BMP, PGM, TIFF, WSQ or JPEG 2000 of one finger")]
    NotAnImage,
    /// A known kind of file, or of coding within a file, that is not read.
    #[error("not read here: {what}; export the scan as PNG or TIFF without loss")]
    Unsupported {
        /// What it is, with its article.
        what: &'static str,
    },
    /// The file ends before its pixels do.
    #[error("the {format} file ends before its image is complete: scan or copy it again")]
    Truncated {
        /// Format of the file.
        format: ImageFormat,
    },
    /// The file contradicts itself or its format.
    #[error("the {format} file is damaged ({detail}): scan or copy it again")]
    Malformed {
        /// Format of the file.
        format: ImageFormat,
        /// What is wrong, in a few words.
        detail: String,
    },
    /// Less of a finger than can be compared.
    #[error(
        "the image of {width} x {height} pixels shows less than {min} pixels at 500 ppi on a side: too little of a finger to compare; scan a larger area, or correct the resolution"
    )]
    TooSmall {
        /// Pixels in a row.
        width: u64,
        /// Rows.
        height: u64,
        /// The smallest side accepted, pixels at 500 ppi.
        min: usize,
    },
    /// More pixels than any finger or slap needs.
    #[error(
        "the image of {width} x {height} pixels is larger than any finger scan (at most {max_side} pixels on a side and {max_pixels} in all, also after bringing it to 500 ppi): crop it to the fingers"
    )]
    TooLarge {
        /// Pixels in a row.
        width: u64,
        /// Rows.
        height: u64,
        /// The longest side accepted, pixels.
        max_side: usize,
        /// The most pixels accepted.
        max_pixels: usize,
    },
    /// Ridges cannot be told apart at this resolution.
    #[error(
        "the resolution of {ppi:.0} ppi {source_of_ppi} is below the {min:.0} ppi that minutiae need: scan at 500 ppi, or give the true resolution if this one is wrong"
    )]
    PpiTooLow {
        /// The resolution, pixels per inch.
        ppi: f64,
        /// Who stated it.
        source_of_ppi: PpiSource,
        /// The lowest resolution accepted, pixels per inch.
        min: f64,
    },
    /// No finger scanner has this resolution.
    #[error(
        "the resolution of {ppi:.0} ppi {source_of_ppi} is above {max:.0} ppi, which no finger scanner has: give the true resolution"
    )]
    PpiTooHigh {
        /// The resolution, pixels per inch.
        ppi: f64,
        /// Who stated it.
        source_of_ppi: PpiSource,
        /// The highest resolution accepted, pixels per inch.
        max: f64,
    },
}
