#!/usr/bin/env python3
"""Makes InceptionV3- and MobileNetV2-shaped ONNX files with random weights and
runs them in ONNX Runtime on one thread.

usage: peers.py FOLDER        (needs onnx, onnxruntime, safetensors, numpy)

For each net writes NAME.onnx and NAME.safetensors with `input` (NHWC), `output`
and `images_per_second` of ONNX Runtime, the best of several rounds per
CPU-second.
"""
import resource
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file


class Net:
    """A graph under construction; every method gives the name of its result."""

    def __init__(self, h, w, c, seed):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.consts, self.n = [], [], 0
        self.shape = {"x": c}
        self.input = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", c, h, w])

    def const(self, array):
        self.n += 1
        name = f"c{self.n}"
        self.consts.append(numpy_helper.from_array(array.astype(array.dtype), name))
        return name

    def op(self, kind, inputs, channels, **attrs):
        self.n += 1
        name = f"v{self.n}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attrs))
        self.shape[name] = channels
        return name

    def f32(self, *shape, scale=1.0, shift=0.0):
        return self.const((self.rng.standard_normal(shape) * scale + shift).astype(np.float32))

    def conv(self, x, out, kernel, stride=1, pad=0, group=1):
        c = self.shape[x]
        kh, kw = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        ph, pw = pad if isinstance(pad, tuple) else (pad, pad)
        w = self.f32(out, c // group, kh, kw, scale=(2 / (kh * kw * c / group)) ** 0.5)
        y = self.op("Conv", [x, w], out, kernel_shape=[kh, kw], strides=[stride, stride], pads=[ph, pw, ph, pw], group=group)
        u = lambda lo, hi: self.const(self.rng.uniform(lo, hi, out).astype(np.float32))
        return self.op("BatchNormalization", [y, u(0.8, 1.2), u(-0.1, 0.1), u(-0.1, 0.1), u(0.8, 1.2)], out, epsilon=1e-3)

    def relu(self, x):
        return self.op("Relu", [x], self.shape[x])

    def relu6(self, x):
        return self.op("Clip", [x, self.const(np.float32(0)), self.const(np.float32(6))], self.shape[x])

    def block(self, x, out, kernel, stride=1, pad=0):
        return self.relu(self.conv(x, out, kernel, stride, pad))

    def pool(self, kind, x, kernel, stride, pad=0):
        return self.op(kind, [x], self.shape[x], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4)

    def cat(self, *xs):
        return self.op("Concat", list(xs), sum(self.shape[x] for x in xs), axis=1)

    def head(self, x, classes):
        x = self.op("GlobalAveragePool", [x], self.shape[x])
        x = self.op("Flatten", [x], self.shape[x])
        x = self.op("Gemm", [x, self.f32(classes, self.shape[x], scale=0.05), self.f32(classes)], classes, transB=1)
        return self.op("Softmax", [x], classes, axis=1)

    def model(self, output):
        out = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", self.shape[output]])
        graph = helper.make_graph(self.nodes, "net", [self.input], [out], self.consts)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        return model


def inception_v3(h, w, c):
    n = Net(h, w, c, 1)
    x = n.block("x", 32, 3, 2)
    x = n.block(x, 32, 3)
    x = n.block(x, 64, 3, 1, 1)
    x = n.pool("MaxPool", x, 3, 2)
    x = n.block(x, 80, 1)
    x = n.block(x, 192, 3)
    x = n.pool("MaxPool", x, 3, 2)
    for pool in (32, 64, 64):
        a = n.block(x, 64, 1)
        b = n.block(n.block(x, 48, 1), 64, 5, 1, 2)
        d = n.block(n.block(n.block(x, 64, 1), 96, 3, 1, 1), 96, 3, 1, 1)
        p = n.block(n.pool("AveragePool", x, 3, 1, 1), pool, 1)
        x = n.cat(a, b, d, p)
    a = n.block(x, 384, 3, 2)
    d = n.block(n.block(n.block(x, 64, 1), 96, 3, 1, 1), 96, 3, 2)
    x = n.cat(a, d, n.pool("MaxPool", x, 3, 2))
    for m in (128, 160, 160, 192):
        a = n.block(x, 192, 1)
        b = n.block(n.block(n.block(x, m, 1), m, (1, 7), 1, (0, 3)), 192, (7, 1), 1, (3, 0))
        d = n.block(x, m, 1)
        d = n.block(n.block(d, m, (7, 1), 1, (3, 0)), m, (1, 7), 1, (0, 3))
        d = n.block(n.block(d, m, (7, 1), 1, (3, 0)), 192, (1, 7), 1, (0, 3))
        p = n.block(n.pool("AveragePool", x, 3, 1, 1), 192, 1)
        x = n.cat(a, b, d, p)
    a = n.block(n.block(x, 192, 1), 320, 3, 2)
    b = n.block(n.block(n.block(x, 192, 1), 192, (1, 7), 1, (0, 3)), 192, (7, 1), 1, (3, 0))
    x = n.cat(a, n.block(b, 192, 3, 2), n.pool("MaxPool", x, 3, 2))
    for _ in range(2):
        a = n.block(x, 320, 1)
        b = n.block(x, 384, 1)
        b = n.cat(n.block(b, 384, (1, 3), 1, (0, 1)), n.block(b, 384, (3, 1), 1, (1, 0)))
        d = n.block(n.block(x, 448, 1), 384, 3, 1, 1)
        d = n.cat(n.block(d, 384, (1, 3), 1, (0, 1)), n.block(d, 384, (3, 1), 1, (1, 0)))
        p = n.block(n.pool("AveragePool", x, 3, 1, 1), 192, 1)
        x = n.cat(a, b, d, p)
    return n.model(n.head(x, 3))


def mobilenet_v2(h, w, c):
    n = Net(h, w, c, 2)
    x = n.relu6(n.conv("x", 32, 3, 2, 1))
    for expand, out, repeat, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        for i in range(repeat):
            s = stride if i == 0 else 1
            c = n.shape[x]
            y = x
            if expand > 1:
                y = n.relu6(n.conv(y, c * expand, 1))
            y = n.relu6(n.conv(y, c * expand, 3, s, 1, group=c * expand))
            y = n.conv(y, out, 1)
            x = n.op("Add", [x, y], out) if s == 1 and c == out else y
    x = n.relu6(n.conv(x, 1280, 1))
    return n.model(n.head(x, 3))


def cpu():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime


def main(folder):
    for name, build in [("inception_v3", inception_v3), ("mobilenet_v2", mobilenet_v2)]:
        h, w, c = 100, 221, 7
        model = build(h, w, c).SerializeToString()
        with open(f"{folder}/{name}.onnx", "wb") as f:
            f.write(model)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        x = np.random.default_rng(3).random((4, c, h, w), dtype=np.float32)
        y = session.run(None, {"x": x})[0]
        best = 0.0
        for _ in range(5):
            start, images = cpu(), 0
            while cpu() - start < 0.5:
                session.run(None, {"x": x})
                images += len(x)
            best = max(best, images / (cpu() - start))
        print(f"{name}: ONNX Runtime {ort.__version__} {best:.1f} images/s")
        save_file({"input": np.ascontiguousarray(x.transpose(0, 2, 3, 1)), "output": y,
                   "images_per_second": np.float32([best])}, f"{folder}/{name}.safetensors")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
