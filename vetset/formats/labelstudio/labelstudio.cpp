// Label Studio: the JSON export (tasks with annotations and predictions) and the labelling config.
// https://labelstud.io/guide/task_format
#include "vetset/formats/labelstudio/labelstudio.h"

namespace vetset {

extern const Format labelstudio;
const Format labelstudio{
    .id = "labelstudio",
    .title = "Label Studio",
    .judge = "an independent reader",
    .tasks = {},
    .carries = labelstudio_parts::labelstudio_carries(),
    .choices = labelstudio_parts::labelstudio_choices(),
    .detect = labelstudio_parts::detect_labelstudio,
    .read = labelstudio_parts::read_labelstudio,
    .write = labelstudio_parts::write_labelstudio,
    .refuses = labelstudio_parts::refuses_labelstudio,
    .carries_for = labelstudio_parts::labelstudio_carries_for,
};

}  // namespace vetset
