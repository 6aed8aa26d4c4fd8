// Loads deployment files with the libraries of the programs that read them, and prints what they understood as JSON or YAML:
//
//	load compose [--env-file FILE] FILE…   the project as Docker Compose sees it; .env is read as Compose does
//	load kustomize FOLDER                  the objects of an overlay
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: load compose [--env-file FILE] FILE… | load kustomize FOLDER")
	}
	switch args[0] {
	case "compose":
		return compose(args[1:])
	case "kustomize":
		return kustomize(args[1])
	default:
		return fmt.Errorf("no command %q", args[0])
	}
}

func compose(files []string) error {
	var envFiles []string
	if len(files) > 1 && files[0] == "--env-file" {
		envFiles, files = files[1:2], files[2:]
	}
	// The order of Docker Compose's own command line.
	options, err := cli.NewProjectOptions(files,
		cli.WithOsEnv,
		cli.WithConfigFileEnv,
		cli.WithDefaultConfigPath,
		cli.WithEnvFiles(envFiles...),
		cli.WithDotEnv,
		cli.WithDefaultProfiles(),
	)
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	text, err := project.MarshalJSON()
	if err != nil {
		return err
	}
	fmt.Println(string(text))
	return nil
}

func kustomize(folder string) error {
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return err
	}
	text, err := objects.AsYaml()
	if err != nil {
		return err
	}
	fmt.Println(string(text))
	return nil
}
