from pathlib import Path

from nvx.local.server import LocalAws
from nvx.local.settings import Settings
from support.local_aws import Cloud
from support.sagemaker_requests import Workshop, definition, evaluation_step


def test_jobs_and_pipelines_go_on_after_a_restart(tmp_path: Path) -> None:
    with LocalAws(tmp_path, settings=Settings(speed=1.0)) as server:
        cloud = Cloud(server)
        shop = Workshop(cloud)
        shop.sagemaker.create_training_job(**shop.with_data().tuning("job"))
        first, second = evaluation_step("A"), {**evaluation_step("B"), "DependsOn": ["A"]}
        shop.pipeline("pipe", definition(first, second))
        arn = shop.start("pipe")
        shop.advance(1)
        cloud.close()
    with LocalAws(tmp_path, settings=Settings(speed=1.0)) as server:
        cloud = Cloud(server)
        shop = Workshop(cloud)
        assert shop.job("job")["TrainingJobStatus"] == "InProgress"
        shop.advance()
        assert shop.job("job")["TrainingJobStatus"] == "Completed"
        assert shop.execution(arn)["PipelineExecutionStatus"] == "Succeeded"
        assert len([key for key in shop.keys("eval/") if "/results_" in key]) == 2
        assert server.bad_output == []
        cloud.close()
