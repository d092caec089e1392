// Every field of a model's contract, once: its key, its words, its meaning. Reading, writing and the canonical form
// walk this list.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "vetset/runtime/model_spec.h"

namespace vetset {

/// The words of an enumeration, by value.
inline constexpr std::array<std::string_view, 6> task_words{"classify", "detect", "segment", "pose", "obb", "embed"};
inline constexpr std::array<std::string_view, 3> alpha_words{"drop", "white", "black"};
inline constexpr std::array<std::string_view, 2> deep_words{"high_byte", "scaled"};
inline constexpr std::array<std::string_view, 5> fit_words{"none", "stretch", "letterbox", "short_side", "long_side"};
inline constexpr std::array<std::string_view, 7> filter_words{"nearest", "bilinear", "bicubic", "area",
                                                              "lanczos", "hamming",  "box"};
inline constexpr std::array<std::string_view, 5> sides_words{"usual", "half_even", "down", "up", "detr"};
inline constexpr std::array<std::string_view, 4> arithmetic_words{"pillow", "opencv", "torch", "torch_float"};
inline constexpr std::array<std::string_view, 2> place_words{"centre", "top_left"};
inline constexpr std::array<std::string_view, 3> colour_words{"rgb", "bgr", "grey"};
inline constexpr std::array<std::string_view, 2> layout_words{"nchw", "nhwc"};
inline constexpr std::array<std::string_view, 13> head_words{
    "none", "logits",       "probabilities", "yolo",  "yolo5",      "end_to_end", "torchvision",
    "detr", "detr_sigmoid", "fastestdet",    "yunet", "tensorflow", "embedding"};
inline constexpr std::array<std::string_view, 6> suppression_words{"none",     "by_class",    "class_offset",
                                                                   "agnostic", "soft_linear", "soft_gaussian"};

/// `Walker` has text, choice, flag, whole, number, numbers, type, names, classes, pairs and section.
template <class Walker, class Spec>
void walk(Walker& w, Spec& s) {
  w.text("name", s.name, "");
  w.choice("task", s.task, task_words, "");
  w.text("model_sha256", s.model_sha256, "of the model's file; empty: any file");
  w.text("dataset_id", s.dataset_id, "of the package it was trained on");
  w.classes("classes", s.classes, "in the order of the model's outputs");
  w.pairs("trained_with", s.trained_with, "");
  w.section("pixels", "from the file's bytes to pixels", [&] {
    auto& p = s.pixels;
    w.flag("exif_orientation", p.exif_orientation, "turn as EXIF says");
    w.choice("alpha", p.alpha, alpha_words, "transparent pixels: drop the channel, or lay it on white or black");
    w.choice("deep", p.deep, deep_words, "16-bit samples: their high byte, or v / 257 rounded");
    w.flag("truncated", p.truncated, "take what there is of a damaged file, the rest grey; else refuse it");
    w.whole("max_pixels", p.max_pixels, "larger images are refused before they are decoded");
  });
  w.section("resize", "from pixels to the model's size", [&] {
    auto& r = s.resize;
    w.choice("fit", r.fit, fit_words, "");
    w.whole("width", r.width, "of the input; 0: any");
    w.whole("height", r.height, "");
    w.whole("short_side", r.short_side, "");
    w.whole("long_side", r.long_side, "");
    w.whole("crop_width", r.crop_width, "central, after the resize; 0: none");
    w.whole("crop_height", r.crop_height, "");
    w.whole("multiple", r.multiple, "sides are padded to a multiple of it");
    w.choice("sides", r.sides, sides_words, "how a side that follows from the ratio becomes whole");
    w.choice("filter", r.filter, filter_words, "");
    w.choice("arithmetic", r.arithmetic, arithmetic_words, "whose rounding, to the bit");
    w.flag("antialias", r.antialias, "torch alone: pillow always does, opencv never");
    w.flag("scale_up", r.scale_up, "enlarge small images");
    w.choice("place", r.place, place_words, "of the image within the padding");
    w.bytes("pad", r.pad, "R, G, B");
    w.flag("pad_zero", r.pad_zero, "the padding is 0 in the tensor, whatever pad says");
  });
  w.section("input", "from pixels to the tensor: (value * scale - mean) / std", [&] {
    auto& i = s.input;
    w.choice("colour", i.colour, colour_words, "");
    w.choice("layout", i.layout, layout_words, "");
    w.type("type", i.type, "");
    w.number("scale", i.scale, "");
    w.flag("divide", i.divide, "value / (1 / scale): another last bit");
    w.numbers("mean", i.mean, "by channel of the tensor");
    w.numbers("std", i.deviation, "");
    w.whole("channels", i.channels, "");
  });
  w.section("head", "what the raw outputs are", [&] {
    auto& h = s.head;
    w.choice("kind", h.kind, head_words, "");
    w.whole("keypoints", h.keypoints, "");
    w.whole("keypoint_values", h.keypoint_values, "x, y, and perhaps visibility");
    w.whole("mask_coefficients", h.mask_coefficients, "");
    w.flag("angle", h.angle, "rotated boxes");
    w.names("outputs", h.outputs, "in the order that the head needs; empty: as the model has them");
  });
  w.section("post", "from candidates to answers", [&] {
    auto& p = s.post;
    w.number("score_threshold", p.score_threshold, "");
    w.flag("at_least", p.at_least, "keep score >= threshold; else score > threshold");
    w.flag("multi_label", p.multi_label, "every class above the threshold; else a candidate's best");
    w.whole("candidates", p.candidates, "kept before suppression");
    w.choice("suppression", p.suppression, suppression_words, "");
    w.number("iou_threshold", p.iou_threshold, "");
    w.number("class_offset", p.class_offset, "class_offset alone: pixels a class, in float32");
    w.number("soft_sigma", p.soft_sigma, "soft_gaussian alone");
    w.whole("detections", p.detections, "an image at most");
    w.flag("clip", p.clip, "boxes to the image");
    w.number("mask_threshold", p.mask_threshold, "");
    w.flag("mask_at_input", p.mask_at_input, "masks are enlarged to the input before the threshold");
    w.whole("top", p.top, "classes told");
  });
}

}  // namespace vetset
