use tanba_formats::Finger;
use tanba_formats::image::encode_png_fast as encode_png;
use tanba_synth::*;
fn main() {
    let n = 100;
    let mut b = 0;
    let m = std::env::args().nth(1).unwrap();
    for seed in 0..n {
        let spec = FingerSpec::of(Finger::TEN[seed as usize % 10]);
        if m == "t" {
            for k in 0..20 {
                b += TemplateFinger::from_seed(20 * seed + k, spec)
                    .touch(ImpressionPreset::FvcLike, seed)
                    .minutiae
                    .len();
            }
            continue;
        }
        let f = MasterFinger::with_method(seed, spec, if m == "p" { RidgeMethod::Phase } else { RidgeMethod::Growth });
        let i = f.touch(ImpressionPreset::FvcLike, seed);
        b += encode_png(&i.image).len();
    }
    println!("{}", b / n as usize);
}
