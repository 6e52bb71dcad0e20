"""include, return, global: scripts in scripts.  RFC 6609"""

from odmail.sieve import limits
from odmail.sieve.declare import Extension, TagOf, Takes, Verb
from odmail.sieve.model import RunError, ScriptError, String, Strings
from odmail.sieve.run import Return, Run, Scope, Step
from odmail.sieve.use import Use


def _include(use: Use) -> Step:
    name, site = use.literal(0), use.has("global")
    once, optional = use.has("once"), use.has("optional")
    key = f"{'site' if site else 'own'}:{name}"
    compiler = use.compiler
    compiler.includes.append((site, name))
    if not optional and not site and (trouble := compiler.house.script(name)):
        compiler.warn(trouble, use.place)

    def include(run: Run) -> None:
        if once and key in run.included:
            return
        _check(run, key)
        source = run.lookup.script(name, site=site)
        if source is None:
            if optional:
                return
            raise RunError(f"there is no script {name} to include")
        try:
            start = compiler.included(source)
        except ScriptError as error:
            raise RunError(f"in the included script {name}: {error}") from None
        run.included.append(key)
        _run(run, key, start)

    return include


def _check(run: Run, key: str) -> None:
    if key in run.scripts:
        raise RunError(f"the script {key} includes itself")  # RFC 6609 3.2
    if len(run.scripts) >= limits.INCLUDES:
        raise RunError(f"scripts include each other more than {limits.INCLUDES} deep")
    if len(run.included) >= limits.INCLUDED:
        raise RunError(f"more than {limits.INCLUDED} scripts included")


def _run(run: Run, key: str, start: Step) -> None:
    """Its variables and match values are its own.  RFC 6609 3.4"""
    outer, run.scope = run.scope, Scope()
    run.scripts.append(key)
    try:
        start(run)
    except Return:
        pass
    finally:
        run.scripts.pop()
        run.scope = outer


def _return(use: Use) -> Step:
    def step(run: Run) -> None:
        raise Return

    return step


def _global(use: Use) -> Step:
    """RFC 6609 3.4.1"""
    use.compiler.need("variables", use.place, "global")
    (argument,) = use.positional
    items = argument.items if isinstance(argument, Strings) else (argument,)
    names = [each.value.lower() for each in items if isinstance(each, String)]
    for name in names:
        if not name.isidentifier():
            raise use.fail(f"{name} is no name of a variable", argument.place)

    def step(run: Run) -> None:
        for name in names:
            run.share(name)

    return step


EXTENSION = Extension(
    "include",
    "6609",
    verbs=(
        Verb(
            "include",
            _include,
            ((Takes.STRING,),),
            tags=(
                TagOf("personal", group="location"),
                TagOf("global", group="location"),
                TagOf("once"),
                TagOf("optional"),
            ),
        ),
        Verb("return", _return),
        Verb("global", _global, ((Takes.STRINGS,),)),
    ),
)
