const { measure } = await import(process.argv[2]);
for (const f of await measure()) console.log(JSON.stringify(f));
