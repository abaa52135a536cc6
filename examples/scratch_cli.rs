mod common;
use common::asset;
use zkml::*;
fn main() {
    let mut a = npyz::npz::NpzArchive::open("/work/shared/data/mnist_test.npz").unwrap();
    let im: Vec<u8> = a.by_name("images").unwrap().unwrap().into_vec().unwrap();
    let lb: Vec<u8> = a.by_name("labels").unwrap().unwrap().into_vec().unwrap();
    for name in ["mnist_lenet5.onnx", "mnist_mlp.onnx"] {
        let m = Model::load(&asset(name), &ImportOptions::default()).unwrap();
        let sh = m.inputs()[0].shape.clone();
        let mut ok = 0;
        for i in 0..1000 {
            let x = im[i * 784..(i + 1) * 784]
                .iter()
                .map(|p| f32::from(*p) / 255.0)
                .collect();
            let y = m
                .run_float(&[FloatTensor::from_shape_vec(sh.clone(), x).unwrap()])
                .unwrap()
                .remove(0);
            let b = y.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
            ok += usize::from(b == lb[i] as usize);
        }
        println!("{name} {sh:?} {ok}/1000");
    }
}
