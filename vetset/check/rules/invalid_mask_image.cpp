#include <algorithm>

#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/dataset.h"
#include "vetset/dataset/mask_files.h"

namespace vetset {
namespace {

std::string size_text(std::uint32_t width, std::uint32_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

constexpr std::uint32_t black = 0, border = 0xE0E0C0;  // VOC's border between objects

std::string colour_text(std::uint32_t colour, bool value) {
  if (value) return "value " + std::to_string(colour);
  return "colour " + std::to_string(colour >> 16) + "," + std::to_string(colour >> 8 & 255) + "," +
         std::to_string(colour & 255);
}

/// Pixels of colours that the list of classes does not have: proved.
void check_against_list(const MaskFile& mask, const Report& report) {
  const MaskClasses& classes = *mask.classes;
  const bool values = mask.colours.values;
  std::uint64_t pixels = 0, strange = 0;
  MaskColours::Use largest;
  for (const MaskColours::Use& use : mask.colours.uses) {
    const bool known =
        values ? use.colour < classes.count || use.colour == 255
               : use.colour == black || use.colour == border ||
                     std::find(classes.colours.begin(), classes.colours.end(), use.colour) != classes.colours.end();
    if (known) continue;
    ++strange;
    pixels += use.pixels;
    if (use.pixels > largest.pixels) largest = use;
  }
  if (strange == 0) return;
  report(mask.image,
         "mask " + quoted(mask.path) + " has " + counted(pixels, "pixel", "pixels") + " of " +
             (values ? counted(strange, "value", "values") : counted(strange, "colour", "colours")) + " that " +
             quoted(classes.list) + (values ? " has no class for, " : " does not have, ") +
             colour_text(largest.colour, values) + (strange > 1 ? " most" : "") +
             (values ? "; expected 0 to " + std::to_string(classes.count - 1) + ", or 255 to ignore" : ""),
         "write it again from the source, without smoothing or compression");
}

/// More colours than there are classes: some stand for none.
void check_against_classes(const MaskFile& mask, std::size_t classes, const Report& report) {
  const bool values = mask.colours.values;
  const auto used = static_cast<std::size_t>(std::count_if(
      mask.colours.uses.begin(), mask.colours.uses.end(),
      [&](const MaskColours::Use& use) { return use.colour != black && use.colour != (values ? 255 : border); }));
  if (classes == 0 || used <= classes) return;
  const bool many = used > 254;  // than any mask of 8 bits can have
  report.with(many ? Severity::warning : Severity::note, many ? EvidenceClass::proof : EvidenceClass::hint, mask.image,
              "mask " + quoted(mask.path) + " has " + (mask.colours.more ? "more than " : "") +
                  (values ? counted(used, "value", "values") : counted(used, "colour", "colours")) +
                  " besides background and border; the dataset has " + counted(classes, "class", "classes"),
              "write it again from the source, without smoothing or compression");
}

void check_colours(const MaskFile& mask, std::size_t classes, const Report& report) {
  if (mask.colours.status == DecodeStatus::broken || mask.colours.status == DecodeStatus::partial) {
    report(mask.image, "mask " + quoted(mask.path) + " is damaged: " + mask.colours.reason, "write it again");
  } else if (mask.colours.status == DecodeStatus::ok && !mask.of_objects) {
    if (mask.classes)
      check_against_list(mask, report);
    else
      check_against_classes(mask, classes, report);
  }
}

std::string not_run_invalid_mask_image(const Evidence& evidence) {
  if (evidence.masks.empty() && !mask_files(evidence.dataset).empty()) return "needs images: not looked at";
  return {};
}

void check_invalid_mask_image(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  for (const MaskFile& mask : evidence.masks) {
    const Facts& facts = mask.facts;
    const auto say = [&](std::string message, std::string fix) {
      report(mask.image, "mask " + quoted(mask.path) + " " + std::move(message), std::move(fix));
    };
    if (facts.status == Facts::Status::absent) {
      say("is not there", "add the file, or drop its name");
      continue;
    }
    if (facts.width == 0) {
      say("cannot be read" + (facts.reason.empty() ? "" : ": " + facts.reason), "write it again");
      continue;
    }
    if (facts.type == ImageType::jpeg)
      say("is a JPEG: compression changes the numbers of classes at every edge", "write it as PNG from the source");
    else if (facts.channels >= 3 && (mask.classes == nullptr || mask.of_objects))
      say("has " + std::to_string(facts.channels) + " channels: colours where numbers of classes are expected",
          "write one channel, or a palette");
    const Facts* image = evidence.facts.empty() ? nullptr : &evidence.facts[to_size(mask.image)];
    const std::uint32_t width = image != nullptr && image->width != 0 ? image->width : d[mask.image].width;
    const std::uint32_t height = image != nullptr && image->width != 0 ? image->height : d[mask.image].height;
    if (width != 0 && height != 0 && (facts.width != width || facts.height != height))
      say("is " + size_text(facts.width, facts.height) + ", its image is " + size_text(width, height),
          "make it at the size of its image");
    check_colours(mask, d.categories.size(), report);
  }
}

}  // namespace

// Headers tell the kind and the size; colours are judged where pixels were looked at.
extern const Rule invalid_mask_image{
    .code = "FMT421",
    .name = "invalid-mask-image",
    .title = "a mask file is lossy, of colours without a class, or not its image's size",
    .severity = Severity::warning,
    .evidence = EvidenceClass::proof,
    .check = check_invalid_mask_image,
    .not_run = not_run_invalid_mask_image};

}  // namespace vetset
