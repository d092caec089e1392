// The contract of what happens before and after the network: `model.yaml`. Every choice that changes a number is
// written down, so that training, evaluation and serving do the same; its digest binds them.
//
// Canonical form: RFC 8785 JSON of every field, defaults included; `digest` is its SHA-256.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/result.h"
#include "vetset/runtime/tensor.h"

namespace vetset {

enum class ModelTask : std::uint8_t { classify, detect, segment, pose, obb, embed };

/// File bytes to 8-bit pixels. JPEG by libjpeg-turbo with its accurate DCT and fancy upsampling, as Pillow and OpenCV.
struct PixelSpec {
  bool exif_orientation = true;  // applied; false: as stored
  enum class Alpha : std::uint8_t { drop, white, black } alpha = Alpha::drop;
  enum class Deep : std::uint8_t { high_byte, scaled } deep = Deep::high_byte;  // 16-bit samples: v >> 8, or v / 257
  bool truncated = false;  // a damaged or cut file: false: refused; true: what there is of it, the rest grey
  std::uint64_t max_pixels = 1ULL << 28;
};

/// How pixels become the model's size.
struct ResizeSpec {
  enum class Fit : std::uint8_t {
    none,        // as they are
    stretch,     // to width × height
    letterbox,   // the whole image within width × height, the rest padded
    short_side,  // the short side to `short_side`, the ratio kept; then `crop`, where there is one
    long_side,   // the long side to at most `long_side` while the short one is at most `short_side` (torchvision
                 // detection)
  } fit = Fit::stretch;
  std::uint32_t width = 0, height = 0;  // of the result; 0 where the model takes any
  std::uint32_t short_side = 0, long_side = 0;
  std::uint32_t crop_width = 0, crop_height = 0;  // central, after `short_side` or `stretch`; 0: none
  std::uint32_t multiple = 0;                     // sides are padded or rounded up to a multiple of it; 0: as they are
  /// How a side that follows from the ratio becomes whole. usual: half_even for letterbox, else down. detr: of
  /// long_side, as facebookresearch/detr: the short side is rounded first, the other one cut.
  enum class Sides : std::uint8_t { usual, half_even, down, up, detr } sides = Sides::usual;
  /// area: opencv alone; box and hamming: pillow alone.
  enum class Filter : std::uint8_t {
    nearest,
    bilinear,
    bicubic,
    area,
    lanczos,
    hamming,
    box
  } filter = Filter::bilinear;
  /// Whose arithmetic, to the bit. pillow: 22-bit fixed point, antialiased. opencv: 11-bit fixed point for bilinear
  /// (cv2.resize). torch: torch.nn.functional.interpolate in float32 on the values 0 to 255, then rounded to 8 bits, as
  /// torchvision's Resize does with tensors of uint8. torch_float: the same, not rounded (torchvision's detection
  /// models).
  enum class Arithmetic : std::uint8_t { pillow, opencv, torch, torch_float } arithmetic = Arithmetic::opencv;
  bool antialias = false;  // torch alone; pillow always does, opencv never
  bool scale_up = true;    // letterbox: small images are enlarged
  enum class Place : std::uint8_t { centre, top_left } place = Place::centre;  // of the image within the padding
  std::array<std::uint8_t, 3> pad = {114, 114, 114};                           // R, G, B
  bool pad_zero = false;  // the padding is 0 in the tensor, whatever `pad` says (torchvision detection, DETR)
};

/// Pixels to the input tensor: (value * scale - mean[c]) / std[c], in float32 and in that order.
struct InputSpec {
  enum class Colour : std::uint8_t { rgb, bgr, grey } colour = Colour::rgb;
  enum class Layout : std::uint8_t { nchw, nhwc } layout = Layout::nchw;
  ElementType type = ElementType::float32;
  double scale = 1.0 / 255;  // applied as float32, unless `divide` says otherwise
  bool divide = false;       // value / (1 / scale) rather than value * scale: another last bit
  std::array<double, 3> mean = {0, 0, 0}, deviation = {1, 1, 1};  // in the tensor's channel order
  std::uint32_t channels = 3;
};

/// What the raw outputs mean.
struct HeadSpec {
  enum class Kind : std::uint8_t {
    none,           // the outputs as they are
    logits,         // classes: softmax is still to be taken
    probabilities,  // classes: already taken
    yolo,           // Ultralytics v8 and later: 1 × (4 + classes + extra) × N, boxes as centre and size in input pixels
    yolo5,          // v5, v7: 1 × N × (5 + classes + extra), objectness in column 4
    end_to_end,     // 1 × N × (6 + extra): corners, score, class; NMS or its like is in the graph
    torchvision,    // boxes N × 4 (corners), labels N (from 1), scores N
    detr,           // logits 1 × Q × (classes + 1), boxes 1 × Q × 4 as centre and size from 0 to 1
    detr_sigmoid,   // the same with a sigmoid a class and the best of all Q × classes (RT-DETR, Deformable DETR)
    fastestdet,     // 1 × (5 + classes) × H × W: objectness, box, classes (dog-qiuqiu/FastestDet)
    yunet,          // cls_S, obj_S, bbox_S, kps_S for strides 8, 16, 32 (ShiqiYu/libfacedetection)
    tensorflow,     // boxes 1 × N × 4 (y1, x1, y2, x2 from 0 to 1), classes (from 1), scores, count
    embedding,      // a vector
  } kind = Kind::none;
  std::uint32_t keypoints = 0, keypoint_values = 3;  // pose; values: 2 (x, y) or 3 (and visibility)
  std::uint32_t mask_coefficients = 0;               // segment: prototypes in the second output
  bool angle = false;                                // obb
  std::vector<std::string> outputs = {};             // names, in the order the head needs; empty: as the model has them
};

/// From candidates to answers. No step depends on the clock.
struct PostSpec {
  double score_threshold = 0.25;
  bool at_least = false;             // score >= threshold is kept; else score > threshold
  bool multi_label = false;          // every class above the threshold of a candidate; else its best
  std::uint32_t candidates = 30000;  // kept before suppression, by falling score
  enum class Suppression : std::uint8_t {
    none,
    by_class,
    class_offset,
    agnostic,
    soft_linear,
    soft_gaussian
  } suppression = Suppression::by_class;
  double iou_threshold = 0.45;  // above it the lower score is dropped
  double class_offset = 7680;   // class_offset: boxes are moved by class times this, in float32, as Ultralytics does
  double soft_sigma = 0.5;
  std::uint32_t detections = 300;  // an image at most
  bool clip = true;                // boxes to the image
  double mask_threshold = 0.5;     // of the sigmoid; masks are cropped to their box
  bool mask_at_input =
      false;              // upsampled to the input's size before the threshold (Ultralytics' retina_masks off: false)
  std::uint32_t top = 5;  // classes told by classify
};

struct ModelClass {
  std::int64_t id = 0;  // in the dataset; in the model its position
  std::string name = {};
};

struct ModelSpec {
  std::string name = {};
  ModelTask task = ModelTask::detect;
  std::string model_sha256 = {};  // of the file, lower-case hex; empty: any
  std::string dataset_id = {};    // that it was trained on; empty: not said
  std::vector<ModelClass> classes = {};
  std::vector<std::pair<std::string, std::string>> trained_with = {};  // "ultralytics", "8.4.190"
  PixelSpec pixels = {};
  ResizeSpec resize = {};
  InputSpec input = {};
  HeadSpec head = {};
  PostSpec post = {};
};

/// Errors name the line and column, the key, what was found and what is expected; unknown keys are errors.
Result<ModelSpec> parse_model_spec(std::string_view yaml, std::string_view file);
std::string to_yaml(const ModelSpec& spec);         // every field, with a comment where it is not obvious
std::string canonical_json(const ModelSpec& spec);  // RFC 8785
std::string digest(const ModelSpec& spec);          // "sha256:…" of the canonical form

/// Ready-made: "ultralytics/detect", "torchvision/classify", "timm", "torchvision/detection", "detr", "fastestdet",
/// "yunet" … An error lists them.
Result<ModelSpec> preset(std::string_view name);
std::vector<std::string> preset_names();

}  // namespace vetset
