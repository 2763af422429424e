"""`tocsin review`: the review queue's database, its reviewers, and its log."""

from __future__ import annotations

import typer

from tocsin.cli.review import statements
from tocsin.cli.review.accounts import create_admin, invite_reviewer
from tocsin.cli.review.agreement import show_agreement
from tocsin.cli.review.corrections import take_corrections
from tocsin.cli.review.drift import show_drift
from tocsin.cli.review.erasing import erase_item
from tocsin.cli.review.export import export_labels
from tocsin.cli.review.golden import show_golden
from tocsin.cli.review.importing import import_file
from tocsin.cli.review.letters import dead_letters, resend_letters
from tocsin.cli.review.log import log_head, verify_log
from tocsin.cli.review.queues import queues
from tocsin.cli.review.rates import show_rates
from tocsin.cli.review.replay import replay_item
from tocsin.cli.review.retention import retention
from tocsin.cli.review.reviewers import add, list_all, set_
from tocsin.cli.review.transparency import orders, transparency
from tocsin.cli.review.upgrading import upgrade_tables

__all__ = ["app"]

app = typer.Typer(
    help="Look after the review queue: its tables, its reviewers and its log.", no_args_is_help=True
)
app.command("upgrade")(upgrade_tables)
app.command("import")(import_file)
app.command("corrections")(take_corrections)
app.command()(queues)
app.command("add-reviewer")(add)
app.command("list-reviewers")(list_all)
app.command("set-reviewer")(set_)
app.command("create-admin")(create_admin)
app.command("invite")(invite_reviewer)
app.command("verify-log")(verify_log)
app.command("log-head")(log_head)
app.command("dead-letters")(dead_letters)
app.command("resend")(resend_letters)
app.command("erase")(erase_item)
app.command()(retention)
app.command()(orders)
app.command()(transparency)
app.add_typer(statements.app, name="statements")
app.command("rates")(show_rates)
app.command("export")(export_labels)
app.command("drift")(show_drift)
app.command("agreement")(show_agreement)
app.command("golden")(show_golden)
app.command("replay")(replay_item)
