#include "vetset/runtime/preprocess_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace vetset {
namespace {

struct Half {
  std::uint16_t bits = 0;
};

/// Rounded half to even; what is too large is infinite.
Half half_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000U);
  const float size = std::abs(value);
  if (std::isnan(value)) return {static_cast<std::uint16_t>(sign | 0x7e00U)};
  if (size >= 65520.0F) return {static_cast<std::uint16_t>(sign | 0x7c00U)};
  if (size < 0x1p-14F)  // in steps of 2^-24
    return {static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(std::nearbyint(size * 0x1p24F)))};
  const std::uint32_t kept = bits & 0x7fffffffU;
  const std::uint32_t rounded = kept + 0xfffU + (kept >> 13 & 1U);
  return {static_cast<std::uint16_t>(sign | ((rounded - (112U << 23)) >> 13))};
}

template <class Value>
Value value_of(float value) {
  if constexpr (std::is_same_v<Value, float>) {
    return value;
  } else if constexpr (std::is_same_v<Value, Half>) {
    return half_of(value);
  } else {
    constexpr auto least = static_cast<float>(std::numeric_limits<Value>::min());
    constexpr auto most = static_cast<float>(std::numeric_limits<Value>::max());
    return static_cast<Value>(std::nearbyint(std::clamp(value, least, most)));
  }
}

template <class Value>
std::vector<std::byte> table_of(const ChannelSteps& steps) {
  std::vector<std::byte> table(256 * sizeof(Value));
  for (std::size_t i = 0; i < 256; ++i) {
    const auto value = value_of<Value>(steps(static_cast<float>(i)));
    std::memcpy(table.data() + i * sizeof value, &value, sizeof value);
  }
  return table;
}

/// Calls with a value of the C++ type that holds elements of that type.
template <class Use>
void with_type(ElementType type, const Use& use) {
  switch (type) {
    case ElementType::float32: return use(float{});
    case ElementType::float16: return use(Half{});
    case ElementType::uint8: return use(std::uint8_t{});
    case ElementType::int8: return use(std::int8_t{});
    default: VETSET_ASSERT(false, "check_steps refuses other types");
  }
}

/// As the fast loops divide.
float quickly_divided(float value, float by, float inverse) {
  const float nearly = value * inverse;
  return std::fma(std::fma(-nearly, by, value), inverse, nearly);
}
bool is_quick(const ChannelSteps& s) {
  for (int i = 0; i < 256; ++i) {
    float value = static_cast<float>(i);
    if (s.multiplies) value *= s.factor;
    if (s.divides) value = quickly_divided(value, s.divisor, s.inverse_divisor);
    if (s.centres) value -= s.mean;
    if (s.spreads) value = quickly_divided(value, s.deviation, s.inverse_deviation);
    if (std::bit_cast<std::uint32_t>(value) != std::bit_cast<std::uint32_t>(s(static_cast<float>(i)))) return false;
  }
  return true;
}

template <class Value>
void fill_many(Value* to, std::size_t count, Value value) {
  constexpr std::size_t at_once = 1024;
  std::fill(to, to + std::min(count, at_once), value);
  for (std::size_t done = at_once; done < count; done += at_once)
    std::memcpy(to + done, to, std::min(at_once, count - done) * sizeof value);
}

}  // namespace

ChannelSteps steps_of(const InputSpec& spec, std::size_t channel) {
  ChannelSteps s;
  s.factor = static_cast<float>(spec.scale), s.divisor = static_cast<float>(1 / spec.scale);
  s.mean = static_cast<float>(spec.mean[channel]), s.deviation = static_cast<float>(spec.deviation[channel]);
  s.divides = spec.divide && s.divisor != 1.0F;
  s.multiplies = !spec.divide && s.factor != 1.0F;
  s.centres = s.mean != 0.0F;
  s.spreads = s.deviation != 1.0F;
  s.inverse_divisor = 1 / s.divisor, s.inverse_deviation = 1 / s.deviation;
  s.quick = (s.divides || s.spreads) && is_quick(s);
  return s;
}

InputRows::InputRows(const ModelSpec& spec, const Placement& p, std::span<std::byte> out)
    : type_(spec.input.type),
      planar_(spec.input.layout == InputSpec::Layout::nchw),
      channels_(spec.input.channels),
      width_(p.input_width),
      height_(p.input_height),
      top_(static_cast<std::int64_t>(p.top)),
      resized_height_(p.resized_height),
      out_(out) {
  VETSET_ASSERT(out.size() == input_bytes(p, spec.input), "the room is that of one image");
  const auto left = static_cast<std::int64_t>(p.left);
  skipped_ = static_cast<std::size_t>(std::max(-left, std::int64_t{0}));
  begin_ = static_cast<std::size_t>(std::max(left, std::int64_t{0}));
  end_ = std::min(begin_ + (p.resized_width - skipped_), width_);
  for (std::size_t c = 0; c < channels_; ++c) {
    source_[c] = spec.input.colour == InputSpec::Colour::bgr ? 2 - c : c;
    steps_[c] = steps_of(spec.input, c);
    padding_[c] = spec.resize.pad_zero ? 0.0F : steps_[c](static_cast<float>(spec.resize.pad[source_[c]]));
    with_type(type_, [&](auto value) { tables_[c] = table_of<decltype(value)>(steps_[c]); });
  }
}

template <class Value>
Value& InputRows::at(std::size_t channel, std::size_t y, std::size_t x) {
  auto* const values = reinterpret_cast<Value*>(out_.data());
  return planar_ ? values[(channel * height_ + y) * width_ + x] : values[(y * width_ + x) * channels_ + channel];
}

template <class Value>
void InputRows::pad(std::size_t y, std::size_t begin, std::size_t end) {
  for (std::size_t c = 0; c < channels_; ++c) {
    const auto value = value_of<Value>(padding_[c]);
    if (planar_) {
      if (begin < end) fill_many(&at<Value>(c, y, begin), end - begin, value);
    } else {
      for (std::size_t x = begin; x < end; ++x) at<Value>(c, y, x) = value;
    }
  }
}

template <class Value, class Pixel>
void InputRows::take_each(std::size_t y, const Pixel* pixels) {
  const std::size_t step = planar_ ? 1 : channels_;
  for (std::size_t c = 0; c < channels_; ++c) {
    const Pixel* from = pixels + skipped_ * channels_ + source_[c];
    Value* to = begin_ < end_ ? &at<Value>(c, y, begin_) : nullptr;
    for (std::size_t x = begin_; x < end_; ++x, from += channels_, to += step) {
      if constexpr (std::is_same_v<Pixel, float>)
        *to = value_of<Value>(steps_[c](*from));
      else
        std::memcpy(to, tables_[c].data() + *from * sizeof(Value), sizeof(Value));
    }
  }
}

template <class Value>
void InputRows::take(std::size_t y, const std::uint8_t* pixels) {
  if constexpr (std::is_same_v<Value, float>) {
    if (planar_ && channels_ == 3 && begin_ < end_ &&
        to_planes(pixels + 3 * skipped_, end_ - begin_, source_, steps_,
                  {&at<float>(0, y, begin_), &at<float>(1, y, begin_), &at<float>(2, y, begin_)}))
      return;
  }
  take_each<Value>(y, pixels);
}

bool InputRows::is_inside(std::uint32_t y, std::size_t& line) const {
  const std::int64_t at = y + top_;
  line = static_cast<std::size_t>(at);
  return at >= 0 && line < height_;
}

template <class Pixel>
void InputRows::row_of(std::uint32_t y, const Pixel* pixels) {
  std::size_t line = 0;
  if (!is_inside(y, line)) return;
  with_type(type_, [&](auto value) {
    using Value = decltype(value);
    pad<Value>(line, 0, begin_);
    if constexpr (std::is_same_v<Pixel, float>)
      take_each<Value>(line, pixels);
    else
      take<Value>(line, pixels);
    pad<Value>(line, end_, width_);
  });
}
void InputRows::row(std::uint32_t y, const std::uint8_t* pixels) { row_of(y, pixels); }
void InputRows::row(std::uint32_t y, const float* pixels) { row_of(y, pixels); }

void InputRows::pad_above_and_below() {
  const auto first = static_cast<std::size_t>(std::clamp(top_, std::int64_t{0}, static_cast<std::int64_t>(height_)));
  const auto end = static_cast<std::size_t>(std::clamp(top_ + static_cast<std::int64_t>(resized_height_),
                                                       std::int64_t{0}, static_cast<std::int64_t>(height_)));
  with_type(type_, [&](auto value) {
    for (std::size_t y = 0; y < first; ++y) pad<decltype(value)>(y, 0, width_);
    for (std::size_t y = end; y < height_; ++y) pad<decltype(value)>(y, 0, width_);
  });
}

}  // namespace vetset
