//! What networks are made of: layers with their tensors, run one after the other.

use super::conv::{Conv, Kernel, Then};
use super::maps::Maps;
use super::registers::{LANES, dispatch};
use super::weights::EyeError;
use crate::scan::Instructions;

/// One by one, three by three, the same with every other pixel left out, five by five.
pub(super) const K1: Kernel = Kernel { side: 1, dilation: 1 };
pub(super) const K3: Kernel = Kernel { side: 3, dilation: 1 };
pub(super) const K3_WIDE: Kernel = Kernel { side: 3, dilation: 2 };
pub(super) const K5: Kernel = Kernel { side: 5, dilation: 1 };

/// Told when a layer has run: its name, its multiply-adds.
pub type Ran<'a> = dyn FnMut(&str, u64) + 'a;

/// Where tensors come from: name and shape that the network needs.
pub(super) type Source<'a> = dyn FnMut(&str, &[usize]) -> Result<Vec<f32>, EyeError> + 'a;

/// A layer, its tensors `NAME.w` (output, input, row, column) and `NAME.b` (output).
pub(super) fn conv<const D: usize, const S: usize>(
    w: &mut Source<'_>,
    name: &str,
    kernel: Kernel,
    [outputs, inputs]: [usize; 2],
) -> Result<Conv<D, S>, EyeError> {
    let weights = w(&format!("{name}.w"), &[outputs, inputs, kernel.side, kernel.side])?;
    let bias = w(&format!("{name}.b"), &[outputs])?;
    Ok(Conv::new(kernel, [outputs, inputs], &weights, &bias))
}

/// A layer over single pixels, its tensors `NAME.w` (output, input) and `NAME.b` (output): input `k` of the layer is input `from(k)` of the file.
pub(super) fn linear(
    w: &mut Source<'_>,
    name: &str,
    [outputs, inputs]: [usize; 2],
    from: impl Fn(usize) -> usize,
) -> Result<Conv<LANES, 1>, EyeError> {
    let weights = w(&format!("{name}.w"), &[outputs, inputs])?;
    let bias = w(&format!("{name}.b"), &[outputs])?;
    let weights: Vec<f32> = weights.chunks_exact(inputs).flat_map(|row| (0..inputs).map(|k| row[from(k)])).collect();
    Ok(Conv::new(K1, [outputs, inputs], &weights, &bias))
}

/// Runs layers with certain instructions; `None` where this machine has them not.
pub(super) struct Runner<'a, 'b> {
    pub(super) with: Instructions,
    pub(super) ran: &'a mut Ran<'b>,
}

impl Runner<'_, '_> {
    pub(super) fn conv<const D: usize, const S: usize>(
        &mut self,
        name: &str,
        conv: &Conv<D, S>,
        input: &Maps<D>,
        out: &mut Maps,
        then: Then,
    ) -> Option<()> {
        let work = conv.work(out);
        dispatch(self.with, conv.run(input, out, then))?;
        self.step(name, work);
        Some(())
    }

    pub(super) fn step(&mut self, name: &str, work: u64) {
        (self.ran)(name, work);
    }
}
