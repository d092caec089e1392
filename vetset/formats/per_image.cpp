#include "vetset/formats/per_image.h"

#include <algorithm>
#include <optional>

#include "vetset/image/probe.h"

namespace vetset {
namespace {

void append(Emission& all, const Emission& part) {
  const std::uint64_t shift = all.texts.size();
  all.texts.append(part.texts);
  for (Emission::Record r : part.annotations) {
    r.file.begin += shift;
    all.annotations.push_back(r);
  }
  for (Emission::Name n : part.names) {
    n.path.begin += shift;
    all.names.push_back(n);
  }
}

}  // namespace

void measure_images(Dataset& d, const MediaFiles& media, const Tree& tree, const ReadOptions& options) {
  if (!options.probe_images) return;
  options.pool.for_ranges(d.images.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      Image& image = d.images[i];
      if (image.size_origin == SizeOrigin::stated || media.paths[i].empty()) continue;
      const Facts facts = probe_image(media.own[i] ? tree : *options.images, media.paths[i], {.tail = false});
      if (facts.status != Facts::Status::ok) continue;
      image.width = facts.width;
      image.height = facts.height;
      image.size_origin = SizeOrigin::header;
    }
  });
}

Result<void> write_images(std::size_t count, const TreeWriter& out, const WriteOptions& options, std::string_view what,
                          Emission& emission, const std::function<Result<void>(std::size_t i, Emission& part)>& write) {
  struct Run {
    std::size_t begin = 0, end = 0;
  };
  constexpr std::size_t grain = 256;
  const std::string doing = "writing " + std::string(what);
  std::size_t at = 0;
  const auto next = [&]() -> Result<std::optional<Run>> {
    if (options.progress.stopped())
      return Error{Code::cancelled, "was stopped while " + std::string(what) + " were written"};
    options.progress.tell(doing, at, count);
    if (at == count) return std::optional<Run>();
    const Run run{at, std::min(count, at + grain)};
    at = run.end;
    return std::optional(run);
  };
  const auto work = [&](Run& run) -> Result<Emission> {
    Emission part;
    for (std::size_t i = run.begin; i < run.end && !options.progress.stopped(); ++i) VETSET_DO(write(i, part));
    return part;
  };
  const auto accept = [&](Emission&& part) -> Result<void> {
    append(emission, part);
    return {};
  };
  return (out.concurrent() ? options.pool : Pool(1)).in_order<Run, Emission>(next, work, accept);
}

bool is_object(Kind kind) {
  switch (kind) {
    case Kind::tag:
    case Kind::polyline:
    case Kind::point:
    case Kind::cuboid_2d:
    case Kind::cuboid_3d:
    case Kind::caption:
    case Kind::text:
    case Kind::relation: return false;
    default: return true;
  }
}

bool is_turned(Kind kind) {
  return kind == Kind::rotated_box || kind == Kind::quad || kind == Kind::ellipse || kind == Kind::circle;
}

}  // namespace vetset
