/* SPDX-License-Identifier: MIT */
/* The folder that a run writes to:
 *
 *     run.toml             all settings, to be read, and to be given back with --config
 *     log.csv              a row for every so many steps
 *     log.tfevents         the same for TensorBoard
 *     checkpoints/         step-00000500.safetensors, ...: what a run goes on from
 *     model.safetensors    what it has learnt, for "sample"
 *     samples.png          ten samples of each class
 *     snapshots/           step-00000480.png, ...: the same few samples as training went on
 *     eval.json            what "eval" has found, if it was asked
 *     report.html          all of it on one page
 */
#ifndef RUN_FOLDER_H
#define RUN_FOLDER_H

#include "step_files.h"

#define RUN_SETTINGS "run.toml"

typedef struct run_folder {
    char settings[OUTPUT_PATH_SIZE], log[OUTPUT_PATH_SIZE], events[OUTPUT_PATH_SIZE];
    char model[OUTPUT_PATH_SIZE], samples[OUTPUT_PATH_SIZE];
    char evaluation[OUTPUT_PATH_SIZE], report[OUTPUT_PATH_SIZE];
    step_files checkpoints, snapshots;
    int lock;  /* the open folder, locked as long as the run lasts, however it ends; 0 when there is none */
} run_folder;

/* The names alone. */
bool run_folder_name(run_folder *f, const char *dir, ct_error *err);

/* Makes the folder, keeps other trainings out of it, checks that all files can be written, and removes what an
 * interrupted writing of them left behind. */
bool run_folder_open(run_folder *f, const char *dir, ct_error *err);
void run_folder_close(run_folder *f);

/* Whether weights of a run are here. */
bool run_folder_is_used(const run_folder *f);
/* Removes them, and what came of them. */
bool run_folder_clear(const run_folder *f, ct_error *err);

/* Removes all checkpoints but the last `keep` (0: all) at multiples of `every`, and the very last. */
void run_folder_prune(const run_folder *f, int64_t every, int64_t keep);

#endif
