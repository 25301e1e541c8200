//go:build verify

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/internal/verify"
	"github.com/gx-genomics/gx/workflows/stage"
)

// plan is on real reads of NA12878 and on a simulated cohort of 10,000.
const plan = `values: {out: out}
work: $(out)/work
steps:
  - {stage: call, ref: in/ucsc.hg19.chr20.unittest.fasta.gz, reads: in/NA12878_S1.chr20.10_10p1mb.bam, regions: ["chr20:10000000-10100000"], shards: 3,
     out: $(out)/s.vcf.gz, gvcf: $(out)/s.g.vcf.gz}
  - {stage: merge, in: [$(out)/s.g.vcf.gz], out: $(out)/m.vcf.gz}
  - {stage: examples, ref: in/ucsc.hg19.chr20.unittest.fasta.gz, reads: in/NA12878_S1.chr20.10_10p1mb.bam, regions: ["chr20:10000000-10010000"], shards: 2,
     out: $(out)/e.tfrecord.gz, candidates: $(out)/c.tfrecord.gz}
  - {stage: nullmodel, pheno: in/cohortA.tsv, covar: in/cohortA.tsv, traits: [y_nl], out: $(out)/null.tsv}
  - {stage: gwas, genotypes: in/cohortA.bed, pheno: in/cohortA.tsv, covar: in/cohortA.tsv, traits: [y_nl], null: $(out)/null.tsv, shards: 2, out: $(out)/assoc}
`

// commands are the same without a plan.
var commands = [][]string{
	{"call", "--ref", "in/ucsc.hg19.chr20.unittest.fasta.gz", "--reads", "in/NA12878_S1.chr20.10_10p1mb.bam", "--regions", "chr20:10000000-10100000", "--out", "want/s.vcf.gz", "--gvcf", "want/s.g.vcf.gz"},
	{"merge", "want/s.g.vcf.gz", "--out", "want/m.vcf.gz"},
	{"examples", "--ref", "in/ucsc.hg19.chr20.unittest.fasta.gz", "--reads", "in/NA12878_S1.chr20.10_10p1mb.bam", "--regions", "chr20:10000000-10010000", "--out", "want/e.tfrecord.gz", "--candidates", "want/c.tfrecord.gz"},
	{"nullmodel", "--pheno", "in/cohortA.tsv", "--covar", "in/cohortA.tsv", "--trait", "y_nl", "--out", "want/null.tsv"},
	{"gwas", "--genotypes", "in/cohortA.bed", "--pheno", "in/cohortA.tsv", "--covar", "in/cohortA.tsv", "--traits", "y_nl", "--null", "want/null.tsv", "--out", "want/assoc"},
}

// script is what engines do in a container: arrays, pipes that tell of failure,
// substitution of processes, ps with columns, the usual small tools.
const script = `set -euo pipefail
declare -a children
while read pid parent; do children[$pid]=$parent; done < <(ps -e -o pid= -o ppid= | sed 's/^ *//')
gx-call -version | awk '{ print $1, $2 }' | tee /dev/stderr | grep -c gx-call >/dev/null
gx-call -version
[[ ${#children[@]} -ge 1 ]] && echo "1 $(id -u)"
date +%s >/dev/null; env true; mktemp -u >/dev/null; stat -c %s /bin/bash >/dev/null; ls / | sort | head -n 1 | xargs -n 1 basename >/dev/null
`

func must(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out, stderr.Bytes())
	}
	return out
}

// TestVerifyContainers does the tasks of a plan in containers of the workers'
// images, with a root that cannot be written to, no network, no capabilities and a
// user that the machine does not know; the outputs are those of the commands.
func TestVerifyContainers(t *testing.T) {
	if _, err := exec.LookPath("podman"); err != nil {
		t.Fatal("this check wants podman and runc")
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	for _, d := range []string{in, filepath.Join(dir, "want"), filepath.Join(dir, "out"), filepath.Join(dir, "out/work")} {
		if err := errors.Join(os.Mkdir(d, 0o777), os.Chmod(d, 0o777)); err != nil { // user 65532 writes to the last
			t.Fatal(err)
		}
	}
	copyAll(t, in, shared.Path(t, "deepvariant/testdata/input"), "NA12878_S1.chr20.10_10p1mb.bam*", "ucsc.hg19.chr20.unittest.fasta.gz*")
	copyAll(t, in, shared.Path(t, "gwas/cohortA"), "cohortA.*")
	gx := filepath.Join(dir, "gx")
	build := exec.Command("go", "build", "-o", gx, "./cmd/gx")
	build.Dir = root
	must(t, build)
	command := func(args ...string) []byte {
		t.Helper()
		cmd := exec.Command(gx, args...)
		cmd.Dir = dir
		return must(t, cmd)
	}
	for _, c := range commands {
		command(c...)
	}
	if err := os.WriteFile(filepath.Join(dir, "plan.yaml"), []byte(plan), 0o666); err != nil {
		t.Fatal(err)
	}
	tasks := command("run", "render", "plan.yaml")
	if err := os.WriteFile(filepath.Join(dir, "tasks.json"), tasks, 0o666); err != nil {
		t.Fatal(err)
	}
	shells := exec.Command(filepath.Join(root, "testdata/shells.sh"), filepath.Join(dir, "shells"), runtime.GOARCH)
	must(t, shells)
	done := inContainers(t, root, dir, tasks)
	same := compareFolders(t, filepath.Join(dir, "want"), filepath.Join(dir, "out"))
	if t.Failed() {
		return
	}
	if err := verify.Write(root, verify.Containers, []verify.Figure{
		{Name: "tasks done in containers: read-only root, no network, no capability, user 65532", Value: float64(done), Unit: "tasks", Bar: 10},
		{Name: "outputs equal to the commands' byte for byte", Value: float64(same), Unit: "files", Bar: 8},
	}); err != nil {
		t.Fatal(err)
	}
}

// inContainers does all tasks in order and gives how many there were.
func inContainers(t *testing.T, root, dir string, tasks []byte) int {
	t.Helper()
	images := filepath.Join(dir, "images")
	var log bytes.Buffer
	t.Chdir(root)
	if err := run(t.Context(), []string{"-out", images, "-platforms", "linux/" + runtime.GOARCH, "-shell", filepath.Join(dir, "shells")}, &log, &log); err != nil {
		t.Fatal(err, log.String())
	}
	podman := func(args ...string) *exec.Cmd {
		return exec.Command("podman", append([]string{"--root", filepath.Join(dir, "podman"), "--runroot", filepath.Join(dir, "podman.run"),
			"--runtime", filepath.Join(root, "testdata/oci-runtime.sh")}, args...)...)
	}
	t.Cleanup(func() { podman("system", "reset", "--force").Run() })
	var list struct {
		Tasks []struct{ Worker string }
	}
	if err := json.Unmarshal(tasks, &list); err != nil {
		t.Fatal(err)
	}
	workers, err := workers(t.Context(), root, "all")
	if err != nil {
		t.Fatal(err)
	}
	confined := []string{"run", "--rm", "--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"}
	for _, w := range workers {
		must(t, podman("load", "--quiet", "--input", filepath.Join(images, w+".tar")))
		name := "localhost/" + w + ":" + defaults().Tag
		if out := must(t, podman(append(confined, name, "-version")...)); string(out) != w+" "+stage.Version+"\n" {
			t.Errorf("%s -version says %q", w, out)
		}
		out, err := podman(append(confined, "--entrypoint", "/bin/sh", name, "-c", "true")...).CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("no such file")) {
			t.Errorf("%s starts a shell: %v, %s", w, err, out)
		}
	}
	must(t, podman("load", "--quiet", "--input", filepath.Join(images, "gx-call-shell.tar")))
	if out := must(t, podman(append(confined, "localhost/gx-call:"+defaults().Tag+"-shell", "/bin/bash", "-c", script)...)); string(out) != "gx-call "+stage.Version+"\n1 65532\n" {
		t.Errorf("with a shell: %q", out)
	}
	for i, task := range list.Tasks {
		must(t, podman(append(confined, "--volume", filepath.Join(dir, "in")+":/data/in:ro", "--volume", filepath.Join(dir, "tasks.json")+":/data/tasks.json:ro",
			"--volume", filepath.Join(dir, "out")+":/data/out", "--workdir", "/data",
			"localhost/"+task.Worker+":"+defaults().Tag, "-task", "tasks.json", "-index", fmt.Sprint(i))...))
	}
	return len(list.Tasks)
}

// compareFolders compares every file of want with that of its name in got, and
// gives how many are the same.
func compareFolders(t *testing.T, want, got string) int {
	t.Helper()
	same := 0
	err := filepath.WalkDir(want, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(want, path)
		if err != nil {
			return err
		}
		a, errA := os.ReadFile(path)
		b, errB := os.ReadFile(filepath.Join(got, name))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: the command's has %d bytes, the containers' %d, and they differ; %v %v", name, len(a), len(b), errA, errB)
			return nil
		}
		same++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return same
}

func copyAll(t *testing.T, to, from string, patterns ...string) {
	t.Helper()
	for _, p := range patterns {
		list, err := filepath.Glob(filepath.Join(from, p))
		if err != nil || len(list) == 0 {
			t.Fatalf("%s in %s: %v", p, from, err)
		}
		for _, path := range list {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(to, filepath.Base(path)), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
