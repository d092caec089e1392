#include "vetset/scan/planted.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "vetset/image/decode.h"
#include "vetset/image/encode.h"
#include "vetset/image/fingerprint.h"
#include "vetset/scan/alike.h"

namespace vetset {
namespace {

constexpr std::uint32_t longest = 512;  // side of what copies are made of

Plane scaled(const Plane& p, std::uint32_t width, std::uint32_t height) {
  return resampled(p, {0, 0, p.width, p.height}, std::max(1U, width), std::max(1U, height));
}

Plane half_size(const Plane& p, Random&) { return scaled(p, p.width / 2, p.height / 2); }
Plane mirrored(const Plane& p, Random&) { return oriented(p, 2); }
Plane turned_by_90(const Plane& p, Random&) { return oriented(p, 6); }

Plane compressed(const Plane& p, Random&) {
  const auto file = encode_jpeg({.width = p.width, .height = p.height, .channels = 1, .samples = p.samples}, 20);
  if (!file) return p;
  Decoded back = decode_image(*file, {.luma_only = true});
  return back.raster.empty() ? p : luma_of(back.raster);
}

Plane brighter(const Plane& p, Random&) {
  std::array<std::uint8_t, 256> tone;  // the root of the tone
  for (std::size_t v = 0; v < 256; ++v)
    tone[v] = static_cast<std::uint8_t>(std::lround(std::sqrt(static_cast<double>(255 * v))));
  Plane out = p;
  for (std::uint8_t& sample : out.samples) sample = tone[sample];
  return out;
}

Plane noisy(const Plane& p, Random& random) {
  Plane out = p;
  for (std::uint8_t& sample : out.samples) {
    int sum = sample - 4 * 16;  // of four even draws: a deviation of 19
    for (int k = 0; k < 4; ++k) sum += static_cast<int>(random.below(33));
    sample = static_cast<std::uint8_t>(std::clamp(sum, 0, 255));
  }
  return out;
}

Plane framed(const Plane& p, Random&) {
  const std::uint32_t across = p.width / 16, down = p.height / 16;
  Plane out{p.width + 2 * across, p.height + 2 * down, {}};
  out.samples.assign(std::size_t{out.width} * out.height, 0);
  for (std::uint32_t y = 0; y < p.height; ++y)
    std::ranges::copy(p.row(y),
                      out.samples.begin() + static_cast<std::ptrdiff_t>(std::size_t{y + down} * out.width + across));
  return out;
}

/// Anywhere in the picture, not where a view of the fingerprint happens to lie.
Plane cropped(const Plane& p, Random& random, std::uint32_t percent) {
  const std::uint32_t width = std::max(1U, p.width * percent / 100), height = std::max(1U, p.height * percent / 100);
  const std::uint32_t x = random.below(p.width - width + 1), y = random.below(p.height - height + 1);
  return resampled(p, {x, y, width, height}, width, height);
}
Plane cropped_to_90(const Plane& p, Random& random) { return cropped(p, random, 90); }
Plane cropped_to_75(const Plane& p, Random& random) { return cropped(p, random, 75); }

/// By 5°, about its middle; what comes in from outside repeats the edge.
Plane turned_by_5(const Plane& p, Random&) {
  constexpr double cosine = 0.99619469809174555, sine = 0.087155742747658174;
  Plane out{p.width, p.height, std::vector<std::uint8_t>(p.samples.size())};
  const double middle_x = (p.width - 1) / 2.0, middle_y = (p.height - 1) / 2.0;
  const auto sample = [&](double x, double y) {
    return static_cast<double>(p.samples[static_cast<std::size_t>(y) * p.width + static_cast<std::size_t>(x)]);
  };
  for (std::uint32_t v = 0; v < p.height; ++v)
    for (std::uint32_t u = 0; u < p.width; ++u) {
      const double right = u - middle_x, down = v - middle_y;
      const double x = std::clamp(middle_x + right * cosine + down * sine, 0.0, p.width - 1.0);
      const double y = std::clamp(middle_y - right * sine + down * cosine, 0.0, p.height - 1.0);
      const double left = std::floor(x), top = std::floor(y), part_x = x - left, part_y = y - top;
      const double next_x = std::min(left + 1, p.width - 1.0), next_y = std::min(top + 1, p.height - 1.0);
      const double above = sample(left, top) * (1 - part_x) + sample(next_x, top) * part_x;
      const double below = sample(left, next_y) * (1 - part_x) + sample(next_x, next_y) * part_x;
      out.samples[std::size_t{v} * p.width + u] =
          static_cast<std::uint8_t>(std::floor(above * (1 - part_y) + below * part_y + 0.5));
    }
  return out;
}

constexpr PlantedTransform transforms[] = {
    {"half the size", half_size},
    {"JPEG at quality 20", compressed},
    {"brighter", brighter},
    {"noise", noisy},
    {"black border", framed},
    {"mirrored", mirrored},
    {"turned by 90°", turned_by_90},
    {"cropped to 0.9 of the side", cropped_to_90},
    {"cropped to 0.75", cropped_to_75},
    {"turned by 5°", turned_by_5},
};
constexpr std::size_t transform_count = std::size(transforms);

/// What the search looks at of one picture.
struct Seen {
  PixelFacts facts;
  std::optional<PixelPortrait> portrait;
  std::vector<Landmark> landmarks;
};

Seen seen_of(const Plane& luma, bool full) {
  Seen seen;
  seen.facts.status = DecodeStatus::ok;
  seen.facts.fingerprint = fingerprint_of(luma);
  seen.portrait = portrait_of(luma, full);
  if (full) seen.landmarks = landmarks_of(luma);
  return seen;
}

/// An original and its copies; nothing where it cannot be read.
struct Planting {
  Seen original;
  std::array<Seen, transform_count> copies;
};

Planting plant(const Plane& luma, const PixelFacts& facts, bool full) {
  Planting planting{.original = seen_of(luma, full), .copies = {}};
  planting.original.facts.fingerprint = facts.fingerprint;
  const std::uint32_t longer = std::max(luma.width, luma.height);
  const auto side = [&](std::uint32_t of) { return static_cast<std::uint32_t>(std::uint64_t{of} * longest / longer); };
  const Plane small = longer > longest ? scaled(luma, side(luma.width), side(luma.height)) : luma;
  for (std::size_t t = 0; t < transform_count; ++t) {
    Random random(facts.pixels.low + t);
    planting.copies[t] = seen_of(transforms[t].make(small, random), full);
  }
  return planting;
}

/// Originals and their copies by one transform as a dataset of their own; how many copies are linked to theirs.
Result<std::uint32_t> found_of(const std::vector<const Planting*>& plantings, std::size_t transform,
                               const NearSearch& near, const Confirmation& confirmation, const Pool& pool) {
  std::vector<const Seen*> seen;
  for (const Planting* p : plantings) seen.push_back(&p->original);
  for (const Planting* p : plantings) seen.push_back(&p->copies[transform]);
  std::vector<PixelFacts> pixels;
  Subjects subjects;
  for (std::uint32_t i = 0; i < seen.size(); ++i) {
    pixels.push_back(seen[i]->facts);
    if (has_content(pixels.back())) subjects.push_back(i);
  }
  const Confirmation own{.portrait = [&](std::uint32_t image) { return seen[image]->portrait; },
                         .confirm = confirmation.confirm,
                         .landmarks = [&](std::uint32_t image) { return seen[image]->landmarks; }};
  VETSET_TRY(Meetings meetings, meetings_of(pixels, subjects, near.tier, near.radius, pool, {}));
  if (near.tier == NearTier::full) VETSET_DO(add_full_meetings(subjects, own, meetings, pool, {}));
  VETSET_TRY(const Confirmations confirmed, confirm_meetings(meetings.all, subjects, own, {}, pool, {}));
  std::uint32_t found = 0;
  for (const Confirmed& c : confirmed.links)
    found += subjects[c.meeting.second] == subjects[c.meeting.first] + plantings.size() ? 1U : 0U;
  return found;
}

}  // namespace

std::span<const PlantedTransform> planted_transforms() { return transforms; }

Subjects planted_subjects(std::span<const PixelFacts> pixels, const Subjects& subjects, std::size_t most) {
  Subjects chosen = subjects;
  std::sort(chosen.begin(), chosen.end(),
            [&](std::uint32_t a, std::uint32_t b) { return pixels[a].pixels < pixels[b].pixels; });
  if (chosen.size() > most) chosen.resize(most);
  return chosen;
}

Result<std::vector<PlantedCopies>> search_planted(std::span<const PixelFacts> pixels, const Subjects& chosen,
                                                  const NearSearch& near, const Confirmation& confirmation,
                                                  const Pool& pool, const Progress& progress) {
  progress.tell("searching planted copies", 0, 1);
  std::vector<std::optional<Planting>> made(chosen.size());
  pool.for_each(chosen.size(), [&](std::size_t k) {
    if (progress.stopped()) return;
    const std::optional<Plane> luma = confirmation.luma(chosen[k]);
    if (luma && !luma->empty()) made[k] = plant(*luma, pixels[chosen[k]], near.tier == NearTier::full);
  });
  if (progress.stopped()) return Error{Code::cancelled, "stopped while searching planted copies"};
  std::vector<const Planting*> plantings;
  for (const auto& planting : made)
    if (planting) plantings.push_back(&*planting);
  std::vector<PlantedCopies> out;
  if (plantings.empty()) return out;
  for (std::size_t t = 0; t < transform_count; ++t) {
    VETSET_TRY(const std::uint32_t found, found_of(plantings, t, near, confirmation, pool));
    out.push_back({.transform = std::string(transforms[t].name),
                   .planted = static_cast<std::uint32_t>(plantings.size()),
                   .found = found});
  }
  return out;
}

}  // namespace vetset
